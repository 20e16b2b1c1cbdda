"""Staff take second factors away: what goes with them, who is told, and what staff can never do or see."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts import stewardship
from accounts.models import SentCode, Session, User
from accounts.testing import PASSWORD, client_of, make_person, newest_link, sign_in
from audit.testing import the_entry
from kit.clock import utcnow
from kit.errors import Conflict
from mfa import panels, trust
from mfa.models import MessageFactor, Passkey, RecoveryCode, Totp, TrustedDevice
from notifications.testing import deliver_all

pytestmark = pytest.mark.django_db

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CONTACT = "+4915112345678"
REASON = "Lost her telephone"


def give_factors(user: User, now: dt.datetime) -> None:
    """Give a person one factor of each kind, and what rests on them."""
    common = {"user": user, "confirmed": True, "created_at": now}
    Totp.objects.create(**common, name="Telephone", key=KEY)
    MessageFactor.objects.create(**common, channel="sms", to=CONTACT)
    Passkey.objects.create(
        **common, name="Security key", credential_id="c" * 22, public_key=b"key", aaguid=user.pk,
        backup_eligible=False, backed_up=False, verifies_user=True,
    )  # fmt: skip
    RecoveryCode.objects.create(user=user, digest="d" * 64, created_at=now)
    session = Session.objects.filter(user=user).first()
    if session is not None:
        trust.grant(session=session, now=now)


def count_of_everything() -> int:
    """Return how many rows of anybody's second factors there are."""
    return sum(model.objects.count() for model in (Totp, MessageFactor, Passkey, RecoveryCode, TrustedDevice))


@pytest.fixture
def root() -> User:
    return make_person("root@example.com", is_staff=True, is_superuser=True)


def test_everything_goes_sessions_too_and_the_log_says_why(root: User, now: dt.datetime) -> None:
    anna = sign_in(now=now)
    give_factors(anna.user, now)
    stewardship.reset_factors(user=anna.user, actor=root, reason=REASON, now=now)
    assert count_of_everything() == 0
    assert Session.objects.get(pk=anna.session.pk).end_reason == Session.EndReason.STAFF
    entry = the_entry("accounts.factors.reset")
    assert (entry.actor, entry.target, entry.details) == (root.pk, str(anna.user.pk), {"reason": REASON})


def test_nobody_elses_factors_go(root: User, now: dt.datetime) -> None:
    anna, berta = sign_in(now=now).user, sign_in(now=now).user
    Totp.objects.create(user=anna, confirmed=True, created_at=now, key=KEY)
    give_factors(berta, now)
    stewardship.reset_factors(user=anna, actor=root, reason=REASON, now=now)
    assert count_of_everything() == 5


def test_the_person_is_told_by_mail_with_the_reason_and_how_to_stop_it(root: User, now: dt.datetime) -> None:
    anna = make_person("anna@example.com")
    give_factors(anna, now)
    stewardship.reset_factors(user=anna, actor=root, reason=REASON, now=now)
    (mail,) = deliver_all(now)
    assert (mail.to, mail.subject) == (("anna@example.com",), "Your second factors were removed")
    for text in (mail.text, mail.html):
        assert REASON in text
        assert "/undo?token=" in text
        assert CONTACT not in text


def test_whoever_never_asked_for_it_stops_the_account(root: User, now: dt.datetime) -> None:
    from accounts import reversals
    from accounts.models import Link
    from kit.origin import NOWHERE

    anna = make_person()
    give_factors(anna, now)
    stewardship.reset_factors(user=anna, actor=root, reason=REASON, now=now)
    reversals.undo(token=newest_link(anna, Link.Purpose.UNDO), now=now, origin=NOWHERE)
    anna.refresh_from_db()
    assert anna.frozen_at == now
    assert count_of_everything() == 0


def test_a_code_on_its_way_is_good_no_more(root: User, now: dt.datetime) -> None:
    from accounts import codes

    anna = make_person()
    give_factors(anna, now)
    sent = codes.issue(purpose=SentCode.Purpose.FACTOR, user=anna, channel="sms", to=CONTACT, now=now)  # type: ignore[arg-type]
    stewardship.reset_factors(user=anna, actor=root, reason=REASON, now=now)
    assert SentCode.objects.get(pk=sent.pk).void_at == now


def test_where_there_is_nothing_to_reset_nothing_happens(root: User, now: dt.datetime) -> None:
    anna = sign_in(now=now)
    with pytest.raises(Conflict):
        stewardship.reset_factors(user=anna.user, actor=root, reason=REASON, now=now)
    assert Session.objects.get(pk=anna.session.pk).ended_at is None
    assert deliver_all(now) == []


def test_the_api_resets_with_a_reason() -> None:
    root = client_of(sign_in(make_person(is_superuser=True)))
    anna = make_person()
    give_factors(anna, utcnow())
    path = f"/api/v1/users/{anna.pk}/reset-mfa"
    assert root.post(path, {"reason": REASON}).status_code == 204
    assert root.post(path, {"reason": REASON}).status_code == 409
    assert the_entry("accounts.factors.reset").details == {"reason": REASON}


def reset_by_command(name: str) -> str:
    out = StringIO()
    call_command("mfa_reset", name, "--reason", REASON, stdout=out)
    return out.getvalue()


def test_the_operator_resets_those_of_the_last_who_could(root: User) -> None:
    session = sign_in(root).session
    give_factors(root, utcnow())
    assert reset_by_command("Root@Example.com") == "root@example.com has no second factor any more; a mail says so.\n"
    assert (count_of_everything(), Session.objects.get(pk=session.pk).end_reason) == (0, Session.EndReason.STAFF)
    entry = the_entry("accounts.factors.reset")
    assert (entry.actor, entry.actor_kind, entry.details) == (None, "command", {"reason": REASON})


@pytest.mark.parametrize("name", ["root@example.com", "nobody@example.com"])
def test_the_operator_is_told_in_one_line_that_there_was_nothing_to_reset(root: User, name: str) -> None:
    with pytest.raises(CommandError, match=r"no second factors|no person"):
        reset_by_command(name)


def test_no_page_of_the_admin_reads_or_writes_rows_of_second_factors() -> None:
    models = list(apps.get_app_config("mfa").get_models())
    assert len(models) >= 5
    assert [model for model in models if model in admin.site._registry] == []


def page_of(client: Client, user: User) -> str:
    return client.get(reverse("admin:accounts_user_change", args=[user.pk])).text


@pytest.fixture(name="panels")
def shown_panels(settings: Any) -> None:
    settings.ACCOUNTS_USER_PANELS = ("mfa.panels.factors_of",)
    settings.ACCOUNTS_LOGIN_STEPS = ()  # who is staff here signs in by password alone


@pytest.mark.usefixtures("panels")
def test_a_persons_page_names_her_factors_and_shows_no_secret(client: Client, root: User) -> None:
    client.post("/admin/login/", {"username": root.email, "password": PASSWORD})
    anna = sign_in(now=utcnow()).user
    give_factors(anna, utcnow())
    page = page_of(client, anna)
    for words in ("Second factors</h2>", "Telephone", "authenticator app", "Security key", "codes by SMS", "never"):
        assert words in page
    assert "1 recovery code left" in page
    assert "1 trusted device." in page
    for secret in (KEY, CONTACT, "c" * 22, "d" * 64):
        assert secret not in page


@pytest.mark.usefixtures("panels")
def test_the_button_of_a_persons_page_resets_for_a_reason_alone(client: Client, root: User) -> None:
    client.post("/admin/login/", {"username": root.email, "password": PASSWORD})
    anna = make_person()
    give_factors(anna, utcnow())
    button = reverse("admin:accounts_user_do", args=[anna.pk, "reset-mfa"])
    client.post(button)
    assert Totp.objects.filter(user=anna).exists()
    client.post(button, {"reason": REASON})
    assert not Totp.objects.filter(user=anna).exists()
    assert "None." in page_of(client, anna)


@pytest.mark.usefixtures("panels")
def test_staff_do_not_reset_their_own(client: Client, root: User) -> None:
    client.post("/admin/login/", {"username": root.email, "password": PASSWORD})
    give_factors(root, utcnow())
    client.post(reverse("admin:accounts_user_do", args=[root.pk, "reset-mfa"]), {"reason": REASON})
    assert Totp.objects.filter(user=root).exists()


@pytest.mark.usefixtures("panels")
def test_who_may_not_see_people_is_told_nothing_of_their_factors(now: dt.datetime) -> None:
    anna = make_person()
    give_factors(anna, now)
    assert panels.factors_of(person=anna, viewer=make_person(is_staff=True), now=now) is None
