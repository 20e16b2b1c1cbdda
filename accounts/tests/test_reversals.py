"""The owner says “this wasn't me” and takes a change back, whatever came after it."""

import datetime as dt
from typing import Any

import pytest

from accounts import addresses, handles, hashing, links, password_changes, people, phones, reversals
from accounts.message_kinds.reversals import PHONE_CHANGED
from accounts.models import Device, Handle, Link, LoginAttempt, SentCode, Session, User
from accounts.testing import ORIGIN, PASSWORD, SignedIn, make_person, newest_link, sign_in
from accounts.tests.house import taken_back
from audit.testing import the_entry
from kit.errors import Invalid
from kit.ids import earliest
from kit.testing import races
from notifications.models import Message
from notifications.testing import deliver_all, link_in

pytestmark = pytest.mark.django_db
OLD = "anna@example.com"
WEEK = dt.timedelta(days=7)


@pytest.fixture
def anna(now: dt.datetime) -> SignedIn:
    return sign_in(make_person(OLD, now=now), now=now)


def move(user: User, address: str, now: dt.datetime) -> str:
    """Change the first address as its owner's session may; return the token of the notice that the old one gets."""
    user.refresh_from_db()
    addresses.change(user=user, email=address, now=now, origin=ORIGIN)
    addresses.confirm(token=newest_link(user, Link.Purpose.CHANGE_ADDRESS), now=now, origin=ORIGIN)
    return newest_link(user, Link.Purpose.UNDO)


def change_password(session: Session, now: dt.datetime, new: str = "a password of the intruder's") -> str:
    session = Session.objects.get(pk=session.pk)
    password_changes.change(session=session, current_password=PASSWORD, new_password=new, now=now, origin=ORIGIN)
    return newest_link(session.user, Link.Purpose.UNDO)


def undo(token: str, now: dt.datetime) -> User:
    return reversals.undo(token=token, now=now, origin=ORIGIN)


def addresses_of(user: User) -> dict[str, bool]:
    found = Handle.objects.filter(user=user, kind=Handle.Kind.EMAIL, held_until=None)
    return dict(found.values_list("canonical", "is_primary"))


def test_an_address_comes_back(anna: SignedIn, now: dt.datetime) -> None:
    token = move(anna.user, "eve@example.org", now)
    assert undo(token, now + WEEK - dt.timedelta(seconds=1)).email == OLD
    assert addresses_of(anna.user) == {OLD: True}
    assert User.objects.find_by_name("eve@example.org") is None
    assert the_entry("accounts.change.undone").details == {"change": "address", "changes": 1}


def test_a_notice_goes_to_the_old_address_alone(anna: SignedIn, now: dt.datetime) -> None:
    move(anna.user, "eve@example.org", now)
    [notice] = Message.objects.filter(kind="accounts.address_changed")
    assert notice.to == [OLD]


def test_a_telephone_number_comes_back(anna: SignedIn, now: dt.datetime) -> None:
    user = User.objects.get()
    user.phone, user.phone_confirmed_at = "+4915112345678", now
    user.save()
    phones.replace(user=user, phone="+4915187654321", confirmed_at=now, now=now, origin=ORIGIN)
    user = undo(newest_link(user, Link.Purpose.UNDO), now)
    assert (user.phone, user.phone_confirmed_at) == ("+4915112345678", now)


def test_an_undone_account_is_frozen_until_a_new_password_is_set(anna: SignedIn, now: dt.datetime) -> None:
    user = undo(change_password(anna.session, now), now)
    assert not people.may_act(user)
    token = newest_link(user, Link.Purpose.RESET)
    row = password_changes.reset(token=token, new_password="my own long password again", now=now, origin=ORIGIN)
    assert people.may_act(row)


def test_the_link_to_a_new_password_goes_where_the_notice_went(anna: SignedIn, now: dt.datetime) -> None:
    deliver_all(now)
    undo(move(anna.user, "eve@example.org", now), now)
    frozen = [mail for mail in deliver_all(now) if "stopped" in mail.subject]
    assert [mail.to for mail in frozen] == [(OLD,)]
    assert "/reset-password?token=" in link_in(frozen[0])


def test_undoing_ends_all_that_an_intruder_has(anna: SignedIn, now: dt.datetime) -> None:
    token = change_password(anna.session, now)
    user = anna.user
    links.issue(purpose=Link.Purpose.ADD_ADDRESS, address="e@example.org", user=user, now=now, lifetime=WEEK)
    undo(token, now)
    assert Session.objects.get().end_reason == "undone"
    assert not Device.objects.exists()
    alive = Link.objects.filter(user=user, used_at=None, void_at=None)
    assert [link.purpose for link in alive] == ["reset"]
    assert not SentCode.objects.filter(void_at=None).exists()
    assert not LoginAttempt.objects.filter(spent_at=None).exists()


def test_a_link_is_used_once_and_for_seven_days(anna: SignedIn, now: dt.datetime) -> None:
    token = change_password(anna.session, now)
    with pytest.raises(Invalid):
        undo(token, now + WEEK)
    undo(token, now)
    with pytest.raises(Invalid) as error:
        undo(token, now)
    assert (error.value.field, error.value.reason) == ("token", "invalid")


@pytest.mark.parametrize("purpose", [purpose for purpose in Link.Purpose if purpose != Link.Purpose.UNDO])
def test_a_link_of_another_purpose_undoes_nothing(anna: SignedIn, now: dt.datetime, purpose: Link.Purpose) -> None:
    link = links.issue(purpose=purpose, address=OLD, user=anna.user, now=now, lifetime=WEEK)
    with pytest.raises(Invalid):
        undo(links.text_of(link), now)
    assert the_entry("accounts.undo.refused").actor_kind == "stranger"


@pytest.mark.parametrize("used", [0, 1])
def test_a_chain_of_changes_comes_back_to_the_oldest_address(anna: SignedIn, now: dt.datetime, used: int) -> None:
    hers = [change_password(anna.session, now), move(anna.user, "eve1@example.org", now)]
    theirs = [move(anna.user, "eve2@example.org", now)]
    User.objects.update(password=hashing.make(PASSWORD))
    theirs.append(change_password(anna.session, now, "yet another of the intruder's"))
    user = undo(hers[used], now)
    assert (user.email, addresses_of(user)) == (OLD, {OLD: True})
    for token in theirs:
        with pytest.raises(Invalid):
            undo(token, now)
    user.refresh_from_db()
    assert (user.email, Link.objects.filter(purpose="reset", void_at=None).get().address) == (OLD, OLD)


def test_an_intruders_link_never_reaches_back_to_the_owners(anna: SignedIn, now: dt.datetime) -> None:
    hers = move(anna.user, "eve1@example.org", now)
    theirs = move(anna.user, "eve2@example.org", now)
    assert undo(theirs, now).email == "eve1@example.org"
    reset = newest_link(anna.user, Link.Purpose.RESET)
    assert undo(hers, now).email == OLD
    with pytest.raises(Invalid):
        password_changes.reset(token=reset, new_password="one more of the intruder's", now=now, origin=ORIGIN)
    assert addresses_of(anna.user) == {OLD: True}


def test_an_intruders_link_does_not_outlive_the_owners_where_machines_tell_different_times(
    anna: SignedIn, now: dt.datetime
) -> None:
    hers = move(anna.user, "eve1@example.org", now)
    undos = Link.objects.filter(purpose=Link.Purpose.UNDO)
    ahead = earliest(now + WEEK)  # as a machine would have made it whose clock is ahead
    undos.filter(pk=undos.latest("pk").pk).update(id=ahead)
    move(anna.user, "eve2@example.org", now)
    theirs = links.text_of(undos.filter(address="eve1@example.org").latest("created_at", "pk"))
    undo(hers, now)
    with pytest.raises(Invalid):
        undo(theirs, now)
    assert addresses_of(anna.user) == {OLD: True}


def test_nobody_is_told_at_a_new_address_how_to_undo_a_restoration(anna: SignedIn, now: dt.datetime) -> None:
    token = move(anna.user, "eve@example.org", now)
    undo(token, now)
    reset = newest_link(anna.user, Link.Purpose.RESET)
    password_changes.reset(token=reset, new_password="my own long password again", now=now, origin=ORIGIN)
    assert not Link.objects.filter(address="eve@example.org", purpose__in=["undo", "reset"]).exists()


def test_an_address_that_was_removed_comes_back_with_the_rest(anna: SignedIn, now: dt.datetime) -> None:
    user = anna.user
    handles.claim(user=user, kind=Handle.Kind.EMAIL, name="second@example.com", now=now)
    token = move(user, "eve@example.org", now)
    second = Handle.objects.get(canonical="second@example.com")
    addresses.remove(user=user, address_id=second.pk, now=now, origin=ORIGIN)
    undo(token, now)
    assert addresses_of(user) == {OLD: True, "second@example.com": False}


def test_an_address_that_is_somebody_elses_by_now_stays_theirs(anna: SignedIn, now: dt.datetime) -> None:
    token = move(anna.user, "eve@example.org", now)
    Handle.objects.filter(canonical=OLD).delete()
    other = make_person(OLD)
    with pytest.raises(reversals.AddressTaken):
        undo(token, now)
    assert User.objects.get(email=OLD) == other


def test_what_other_apps_changed_is_taken_back_by_them_the_latest_first(
    anna: SignedIn, now: dt.datetime, settings: Any
) -> None:
    settings.ACCOUNTS_REVERSALS = {"badge": "accounts.tests.house.take_badge_back"}
    tokens = [notify_of_badge(anna.user, number, now) for number in (1, 2, 3)]
    undo(tokens[1], now)
    assert taken_back == [3, 2]
    undo(tokens[0], now)
    assert taken_back == [3, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_of_many_uses_of_a_link_at_once_one_wins(now: dt.datetime) -> None:
    user = make_person(OLD)
    token = move(user, "eve@example.org", now)
    outcomes = races.run(20, lambda: undo(token, now))
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Invalid) for outcome in outcomes) == 19


@pytest.mark.django_db(transaction=True)
def test_the_owner_wins_whoever_is_quicker(now: dt.datetime) -> None:
    user = make_person(OLD)
    hers = move(user, "eve1@example.org", now)
    theirs = move(user, "eve2@example.org", now)
    turns = iter([theirs, hers] * 4)
    races.run(8, lambda: undo(next(turns), now))
    user.refresh_from_db()
    assert (user.email, addresses_of(user)) == (OLD, {OLD: True})


def notify_of_badge(user: User, number: int, now: dt.datetime) -> str:
    reversals.notify(
        user=user,
        change="badge",
        before=reversals.state_of(user),
        to=user.email,
        now=now,
        origin=ORIGIN,
        data={"number": number},
        kind=PHONE_CHANGED,
    )
    return newest_link(user, Link.Purpose.UNDO)
