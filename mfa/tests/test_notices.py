"""The owner is told of each change of her factors, and takes back what was not hers."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts import login, reversals
from accounts.models import Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, SignedIn, make_person, newest_link, sign_in
from audit.testing import the_entry
from mfa import enrolment, inventory, recovery, removal, setups
from mfa.factors import Answer
from mfa.models import Passkey, Totp
from mfa.testing import code_of, make_recovery_codes, make_totp
from notifications import testing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_post_box() -> Any:
    yield
    testing.forget_mail()


@pytest.fixture
def anna(now: dt.datetime) -> SignedIn:
    """Somebody who has proved a factor in her session."""
    signed_in = sign_in(now=now)
    make_totp(signed_in.user, now=now)
    make_recovery_codes(signed_in.user, now=now)
    Session.objects.update(factor_at=now)
    signed_in.session.refresh_from_db()
    return signed_in


def given(anna: SignedIn, now: dt.datetime) -> dict[str, Any]:
    return {"session": anna.session, "answer": Answer(), "now": now, "origin": ORIGIN}


def add(anna: SignedIn, now: dt.datetime) -> None:
    """Add an authenticator application with a name that would read as ours."""
    who = enrolment.who_enrols(session=anna.session, now=now)
    proof = setups.Proof(answer=Answer())
    text: dict[str, Any] = {"name": "Call +372 555 0123 now", "algorithm": "SHA1", "digits": 6}
    setups.begin_totp(who=who, proof=proof, now=now, origin=ORIGIN, **text)
    code = code_of(Totp.objects.get(user=anna.user, confirmed=False), now)
    setups.verify(who=who, code=code, now=now, origin=ORIGIN)


def remove(anna: SignedIn, now: dt.datetime) -> None:
    removal.remove(factor_id=inventory.list_of(anna.user)[0].id, **given(anna, now))


def remove_all(anna: SignedIn, now: dt.datetime) -> None:
    removal.remove_all(**given(anna, now))


def renew(anna: SignedIn, now: dt.datetime) -> None:
    removal.renew_recovery_codes(**given(anna, now))


CHANGES = {
    add: "was added to your account at",
    remove: "was removed from your account at",
    remove_all: "All second factors",
    renew: "Ten new recovery codes",
}
Change = Callable[[SignedIn, dt.datetime], None]


@pytest.mark.parametrize(("change", "told"), CHANGES.items())
def test_the_owner_is_told_when_from_where_and_how_to_take_it_back(
    anna: SignedIn, now: dt.datetime, change: Change, told: str
) -> None:
    change(anna, now)
    [mail] = testing.deliver_all(now)
    assert mail.to == (anna.user.email,)
    for words in (told, "When: ", f"From: the network address {ORIGIN.address}", "If it was not you"):
        assert words in mail.text
    assert testing.link_in(mail).endswith(newest_link(anna.user, Link.Purpose.UNDO))


def test_the_notice_names_the_kind_of_factor_and_nothing_that_came_with_it(anna: SignedIn, now: dt.datetime) -> None:
    add(anna, now)
    [mail] = testing.deliver_all(now)
    for text in (mail.text, mail.html or ""):
        assert ("an authenticator application" in text, "555" in text) == (True, False)


def undo(user: User, now: dt.datetime) -> User:
    """Follow the link of the newest notice."""
    return reversals.undo(token=newest_link(user, Link.Purpose.UNDO), now=now, origin=ORIGIN)


def test_a_factor_that_was_not_hers_goes_again_and_the_account_is_frozen(anna: SignedIn, now: dt.datetime) -> None:
    mine = inventory.list_of(anna.user)
    add(anna, now)
    user = undo(anna.user, now)
    assert (inventory.list_of(user), recovery.count_left(user)) == (mine, 10)
    assert user.frozen_at == now
    assert not Session.objects.filter(ended_at=None).exists()
    assert the_entry("mfa.factor.taken_back").details["method"] == "totp"


def test_with_a_first_factor_that_was_not_hers_go_its_recovery_codes(now: dt.datetime) -> None:
    anna = sign_in(now=now)
    add(anna, now)
    undo(anna.user, now)
    assert (inventory.list_of(anna.user), recovery.count_left(anna.user)) == ([], 0)


def test_a_factor_that_was_removed_since_is_taken_back_in_silence(anna: SignedIn, now: dt.datetime) -> None:
    add(anna, now)
    Totp.objects.filter(user=anna.user).delete()
    assert undo(anna.user, now).frozen_at == now


@pytest.mark.parametrize("change", [remove, remove_all])
def test_a_removed_factor_does_not_come_back_and_nobody_gets_in(
    anna: SignedIn, now: dt.datetime, change: Change
) -> None:
    change(anna, now)
    user = undo(anna.user, now)
    assert (user.frozen_at, inventory.list_of(user)) == (now, [])
    credentials = login.Credentials(name=user.email, password=PASSWORD)
    with pytest.raises(login.InvalidCredentials):
        login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)


def test_recovery_codes_of_somebody_else_are_good_no_more(anna: SignedIn, now: dt.datetime) -> None:
    renew(anna, now)
    undo(anna.user, now)
    assert recovery.count_left(anna.user) == 0


def test_the_link_of_a_removal_takes_back_what_was_added_after_it(anna: SignedIn, now: dt.datetime) -> None:
    remove(anna, now)
    token = newest_link(anna.user, Link.Purpose.UNDO)
    add(anna, now)
    user = reversals.undo(token=token, now=now, origin=ORIGIN)
    assert (inventory.list_of(user), recovery.count_left(user)) == ([], 0)
    assert the_entry("accounts.change.undone").details == {"change": "factor_removed", "changes": 2}


def test_nobody_is_told_of_what_was_taken_back(anna: SignedIn, now: dt.datetime) -> None:
    add(anna, now)
    undo(anna.user, now)
    assert [mail.subject for mail in testing.deliver_all(now)] == ["Your account is stopped: set a new password"]


def test_another_persons_factor_is_not_taken_back(anna: SignedIn, now: dt.datetime) -> None:
    add(anna, now)
    link = Link.objects.filter(user=anna.user, purpose=Link.Purpose.UNDO).latest("pk")
    other = make_totp(make_person())
    link.data["data"]["factor"] = str(other.pk)
    link.save()
    undo(anna.user, now)
    assert Totp.objects.filter(pk=other.pk).exists()
    assert not Passkey.objects.exists()
