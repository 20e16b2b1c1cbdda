"""Invitations: who may give them, what they give, and to whom."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import invitations, registration, sign_up
from accounts.message_kinds.invitations import INVITATION, INVITATION_PURPOSE
from accounts.models import Invitation, User
from accounts.testing import ORIGIN, PASSWORD, make_person, register
from audit.testing import entries, the_entry
from kit.errors import Invalid, NotFound, PermissionRefused, Throttled
from kit.testing import races
from notifications.models import Message
from vault import derived

pytestmark = pytest.mark.django_db

ANNA = "anna@example.com"
WEEK = dt.timedelta(days=7)
SECOND = dt.timedelta(seconds=1)
SUPERUSER = ({"role": "superuser"},)


@pytest.fixture
def inviter() -> User:
    return make_person(is_superuser=True, is_staff=True)


@pytest.fixture(autouse=True)
def _promises(settings: Any) -> None:
    settings.ACCOUNTS_INVITATION_GRANTS = "accounts.tests.promises"


def token_of(row: Invitation) -> str:
    return derived.again(INVITATION_PURPOSE, row.pk, row.key_id)


def invite(inviter: User | None, now: dt.datetime, email: str = ANNA, **fields: Any) -> tuple[Invitation, str]:
    """Invite somebody; return the row and the token that the mail carries."""
    guest = invitations.Guest(email=email, **fields)
    row = invitations.invite(guest=guest, inviter=inviter, now=now, origin=ORIGIN)
    return row, token_of(row)


def accept(token: str, now: dt.datetime, **more: Any) -> User:
    return invitations.accept(token=token, now=now, origin=ORIGIN, **{"password": PASSWORD, **more})


def assert_refused(token: str, now: dt.datetime) -> None:
    people = User.objects.count()
    with pytest.raises(Invalid) as refused:
        accept(token, now)
    assert (refused.value.field, User.objects.count()) == ("token", people)


def test_the_invited_chooses_a_password_and_is_a_person(inviter: User, now: dt.datetime) -> None:
    row, token = invite(inviter, now, "Anna@Example.com", first_name="Anna", last_name="Berg", locale="de")
    user = accept(token, now, last_name="Kranz")
    assert (user.email, user.first_name, user.last_name, user.locale) == (ANNA, "Anna", "Kranz", "de")
    assert (user.check_password(PASSWORD), user.is_staff, user.is_superuser) == (True, False, False)
    assert Invitation.objects.get(pk=row.pk).user == user
    assert the_entry("accounts.invitation.accepted").details == {"inviter": str(inviter.pk)}


def test_an_invitation_is_good_once(inviter: User, now: dt.datetime) -> None:
    _row, token = invite(inviter, now)
    accept(token, now)
    assert_refused(token, now)


def test_an_invitation_ends_after_a_week(inviter: User, now: dt.datetime) -> None:
    _row, token = invite(inviter, now)
    assert_refused(token, now + WEEK)
    assert accept(token, now + WEEK - SECOND).email == ANNA


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "\x00"])
def test_a_foreign_token_is_refused_and_recorded(token: str, now: dt.datetime) -> None:
    assert_refused(token, now)
    assert the_entry("accounts.invitation.refused").details == {"reason": "token"}


def test_the_token_of_a_registration_accepts_nothing(now: dt.datetime) -> None:
    _row, token = register(ANNA, now=now)
    assert_refused(token, now)


def test_a_weak_password_leaves_the_invitation_good(inviter: User, now: dt.datetime) -> None:
    _row, token = invite(inviter, now, first_name="Annabella")
    for weak in ("short", "annabella anna 1"):
        with pytest.raises(Invalid) as refused:
            accept(token, now, password=weak)
        assert refused.value.field == "password"
    assert accept(token, now).email == ANNA


def test_the_newest_invitation_to_an_address_alone_is_good(inviter: User, now: dt.datetime) -> None:
    _row, first = invite(inviter, now)
    _row, second = invite(inviter, now)
    assert_refused(first, now)
    assert accept(second, now).email == ANNA


def test_a_withdrawn_invitation_is_good_no_more(inviter: User, now: dt.datetime) -> None:
    row, token = invite(inviter, now)
    invitations.withdraw(invitation_id=row.pk, actor=inviter, now=now, origin=ORIGIN)
    assert_refused(token, now)
    assert list(invitations.list_open(now)) == []
    with pytest.raises(invitations.NotOpen):
        invitations.withdraw(invitation_id=row.pk, actor=inviter, now=now, origin=ORIGIN)


def test_an_invitation_sent_again_is_good_for_another_week(inviter: User, now: dt.datetime) -> None:
    row, token = invite(inviter, now)
    later = now + 6 * dt.timedelta(days=1)
    invitations.resend(invitation_id=row.pk, actor=inviter, now=later, origin=ORIGIN)
    assert Message.objects.filter(kind="accounts.invitation").count() == 2
    assert accept(token, later + WEEK - SECOND).email == ANNA
    with pytest.raises(invitations.NotOpen):
        invitations.resend(invitation_id=row.pk, actor=inviter, now=later, origin=ORIGIN)


def test_what_is_promised_is_given_at_acceptance(inviter: User, now: dt.datetime) -> None:
    row, token = invite(inviter, now, is_staff=True, grants=SUPERUSER)
    assert row.grants == [{"role": "superuser", "resource": "", "expires_at": None}]
    user = accept(token, now)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, True)


@pytest.mark.parametrize("loss", [{"is_active": False}, {"is_superuser": False}, {"frozen_at": "now"}, None])
def test_an_inviter_who_lost_her_rights_has_promised_nothing(
    loss: dict[str, Any] | None, inviter: User, now: dt.datetime
) -> None:
    _row, token = invite(inviter, now)
    if loss is None:
        inviter.delete()
    else:
        User.objects.update(**{name: now if value == "now" else value for name, value in loss.items()})
    assert_refused(token, now)
    assert the_entry("accounts.invitation.refused").details == {"reason": "inviter"}


def test_an_inviter_who_is_staff_no_more_makes_no_staff(inviter: User, now: dt.datetime) -> None:
    _row, token = invite(inviter, now, is_staff=True)
    User.objects.update(is_staff=False)
    assert_refused(token, now)


def test_whoever_sends_it_again_vouches_for_it(inviter: User, now: dt.datetime) -> None:
    row, token = invite(inviter, now, grants=SUPERUSER)
    other = make_person(is_superuser=True)
    invitations.resend(invitation_id=row.pk, actor=other, now=now, origin=ORIGIN)
    User.objects.filter(pk=inviter.pk).update(is_superuser=False)
    assert accept(token, now).email == ANNA


def test_nobody_invites_without_the_right_or_beyond_her_own(inviter: User, now: dt.datetime) -> None:
    row, _token = invite(inviter, now, is_staff=True)
    ordinary, not_staff = make_person(is_staff=True), make_person(is_superuser=True)
    for actor in (ordinary, not_staff):
        with pytest.raises(PermissionRefused):
            invite(actor, now, "bert@example.com", is_staff=True)
        with pytest.raises(PermissionRefused):
            invitations.resend(invitation_id=row.pk, actor=actor, now=now, origin=ORIGIN)
    with pytest.raises(PermissionRefused):
        invitations.withdraw(invitation_id=row.pk, actor=ordinary, now=now, origin=ORIGIN)


def test_a_role_that_is_none_is_refused_before_anything_is_sent(inviter: User, now: dt.datetime, settings: Any) -> None:
    for module in ("accounts.tests.promises", ""):
        settings.ACCOUNTS_INVITATION_GRANTS = module
        with pytest.raises(Invalid) as refused:
            invite(inviter, now, grants=({"role": "king"},))
        assert refused.value.field == "roles"
    assert not Message.objects.exists()


def test_an_address_that_somebody_has_is_not_invited(inviter: User, now: dt.datetime) -> None:
    make_person(ANNA)
    with pytest.raises(Invalid) as refused:
        invite(inviter, now)
    assert (refused.value.field, refused.value.reason) == ("email", "taken")


def test_an_address_taken_meanwhile_is_refused(inviter: User, now: dt.datetime) -> None:
    _row, token = invite(inviter, now)
    make_person(ANNA)
    assert_refused(token, now)


def test_an_address_that_had_its_mails_is_not_invited_yet(inviter: User, now: dt.datetime) -> None:
    row, _token = invite(inviter, now)
    for _ in range(2):
        invitations.resend(invitation_id=row.pk, actor=inviter, now=now, origin=ORIGIN)
    with pytest.raises(Throttled):
        invitations.resend(invitation_id=row.pk, actor=inviter, now=now, origin=ORIGIN)
    with pytest.raises(Throttled):
        invite(inviter, now)
    assert [entry.actor for entry in entries("accounts.invitation.refused")] == [inviter.pk] * 2
    assert accept(token_of(row), now).email == ANNA


def test_an_unknown_invitation_is_not_found(inviter: User, now: dt.datetime) -> None:
    for act in (invitations.resend, invitations.withdraw):
        with pytest.raises(NotFound):
            act(invitation_id=uuid.uuid4(), actor=inviter, now=now, origin=ORIGIN)


def test_the_mail_carries_the_link_as_long_as_it_is_good(inviter: User, now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_LINK_URLS = ["https://app.example.com/welcome"]
    row, token = invite(inviter, now, link_url="https://app.example.com/welcome?lang=de")
    content = INVITATION.content(row.pk, now)
    assert content is not None
    assert content.context["link"] == f"https://app.example.com/welcome?lang=de&token={token}"
    assert token not in str([*Invitation.objects.values_list(), *Message.objects.values_list()])
    accept(token, now)
    assert INVITATION.content(row.pk, now) is None


def test_sign_up_by_invitation_lets_in_the_invited_alone(inviter: User, now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_SIGN_UP = "invitation"
    _row, token = invite(inviter, now)
    assert accept(token, now).email == ANNA
    with pytest.raises(sign_up.SignUpClosed):
        register(now=now)
    with pytest.raises(sign_up.SignUpClosed):
        registration.resend(email=ANNA, now=now, origin=ORIGIN)


def test_closed_sign_up_lets_nobody_in_whatever_link_she_holds(inviter: User, now: dt.datetime, settings: Any) -> None:
    _wish, wish = register(now=now)
    _row, invitation = invite(inviter, now)
    settings.ACCOUNTS_SIGN_UP = "closed"
    with pytest.raises(sign_up.SignUpClosed):
        registration.confirm(token=wish, now=now, origin=ORIGIN)
    with pytest.raises(sign_up.SignUpClosed):
        accept(invitation, now)
    with pytest.raises(sign_up.SignUpClosed):
        invite(inviter, now, "bert@example.com")
    assert [entry.details["path"] for entry in entries("accounts.sign_up.refused")] == [
        "confirm",
        "invitation",
        "invite",
    ]
    settings.ACCOUNTS_SIGN_UP = "open"
    assert accept(invitation, now).email == ANNA


def test_the_operator_invites_from_the_command_line(now: dt.datetime, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("accounts_invite", ANNA, "--staff", "--role", "superuser", "--first-name", "Anna")
    assert capsys.readouterr().out.startswith(f"Invited {ANNA}, until ")
    user = accept(token_of(Invitation.objects.get()), now + SECOND)
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.first_name) == (True, True, "Anna")
    with pytest.raises(CommandError, match="Somebody has this address already"):
        call_command("accounts_invite", ANNA)


def test_purging_keeps_what_staff_may_still_wonder_about(inviter: User, now: dt.datetime) -> None:
    invite(inviter, now)
    assert invitations.purge(now=now + WEEK + dt.timedelta(days=29)) == 0
    assert invitations.purge(now=now + WEEK + dt.timedelta(days=30)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_acceptances_at_once_one_passes(now: dt.datetime) -> None:
    _row, token = invite(None, now)
    results = races.run(50, lambda: accept(token, now))
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 49
    assert User.objects.count() == 1


def test_who_would_promise_what_she_may_not_is_recorded(settings: Any, now: dt.datetime) -> None:
    settings.AUTHENTICATION_BACKENDS = ["accounts.tests.test_admin_lists.StaffChangePeople"]
    asked = make_person(is_staff=True)
    row, _ = invite(asked, now, is_staff=True)
    User.objects.filter(pk=asked.pk).update(is_staff=False)
    asked = User.objects.get(pk=asked.pk)
    for attempt in (
        lambda: invite(asked, now, "berta@example.com", is_staff=True),
        lambda: invitations.resend(invitation_id=row.pk, actor=asked, now=now, origin=ORIGIN),
    ):
        with pytest.raises(PermissionRefused):
            attempt()
    refused = entries("accounts.invitation.refused")
    assert [(entry.actor, entry.target) for entry in refused] == [(asked.pk, ""), (asked.pk, str(row.pk))]
