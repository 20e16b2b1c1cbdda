"""Several addresses of one person, and another first one."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import addresses, links, registration, reversals
from accounts.message_kinds.addresses import CONFIRM_ADDRESS
from accounts.models import Handle, Link, LoginAttempt, User
from accounts.testing import ORIGIN, make_person, register
from audit.testing import entries, the_entry
from kit.errors import Conflict, Invalid, NotFound, Throttled
from kit.testing import races
from notifications.models import Message

pytestmark = pytest.mark.django_db

OLD, NEW = "anna@example.com", "anna@example.org"
DAY = dt.timedelta(days=1)


def add(user: User, email: str, now: dt.datetime) -> str:
    """Name a further address; return the token that its mail carries."""
    addresses.add(user=user, email=email, now=now, origin=ORIGIN)
    return links.text_of(Link.objects.filter(purpose=Link.Purpose.ADD_ADDRESS).latest("pk"))


def change(user: User, email: str, now: dt.datetime) -> str:
    """Name another first address; return the token that its mail carries."""
    addresses.change(user=user, email=email, now=now, origin=ORIGIN)
    return links.text_of(Link.objects.filter(purpose=Link.Purpose.CHANGE_ADDRESS).latest("pk"))


def confirm(token: str, now: dt.datetime) -> User:
    return addresses.confirm(token=token, now=now, origin=ORIGIN)


def shown(user: User) -> list[tuple[str, bool]]:
    return [(handle.canonical, handle.is_primary) for handle in addresses.list_of(user)]


def added(user: User, email: str, now: dt.datetime) -> Handle:
    """Return a further address of hers that is confirmed."""
    confirm(add(user, email, now), now)
    return Handle.objects.get(canonical=email)


def mailed(kind: str) -> list[str]:
    return [message.to[0] for message in Message.objects.filter(kind=f"accounts.{kind}").order_by("pk")]


def test_a_further_address_is_hers_when_it_is_confirmed_and_not_before(now: dt.datetime) -> None:
    user = make_person(OLD)
    token = add(user, "Anna@Example.ORG", now)
    assert User.objects.find_by_name(NEW) is None
    confirm(token, now)
    assert shown(user) == [(OLD, True), (NEW, False)]
    assert User.objects.find_by_name(NEW) == user
    assert mailed("address_added") == [OLD]


def test_asking_for_an_address_keeps_it_from_nobody(now: dt.datetime) -> None:
    token = add(make_person(OLD), NEW, now)
    _row, theirs = register(NEW, now=now)
    registration.confirm(token=theirs, now=now, origin=ORIGIN)
    with pytest.raises(Invalid):
        confirm(token, now)
    assert User.objects.find_by_name(NEW) != User.objects.find_by_name(OLD)


def test_another_first_address_takes_the_place_of_the_old_one(now: dt.datetime) -> None:
    user = make_person(OLD)
    token = change(user, NEW, now)
    assert User.objects.get().email == OLD
    assert confirm(token, now).email == NEW
    assert shown(user) == [(NEW, True)]
    assert the_entry("accounts.address.confirmed").personal.name == NEW


def test_the_old_address_is_told_when_the_new_one_is_named_and_when_it_is_confirmed(now: dt.datetime) -> None:
    token = change(make_person(OLD), NEW, now)
    assert (mailed("address_change_requested"), mailed("confirm_address")) == ([OLD], [NEW])
    confirm(token, now)
    assert mailed("address_changed") == [OLD]


def test_the_owner_at_the_old_address_takes_the_change_back(now: dt.datetime) -> None:
    user = make_person(OLD)
    confirm(change(user, NEW, now), now)
    link = Link.objects.filter(purpose=Link.Purpose.UNDO).earliest("pk")
    reversals.undo(token=links.text_of(link), now=now, origin=ORIGIN)
    assert (User.objects.get().email, shown(user)) == (OLD, [(OLD, True)])
    assert User.objects.find_by_name(NEW) is None


def test_nobody_else_gets_the_old_address_for_a_week(now: dt.datetime) -> None:
    confirm(change(make_person(OLD), NEW, now), now)
    _row, token = register(OLD, now=now)
    with pytest.raises(Invalid):
        registration.confirm(token=token, now=now, origin=ORIGIN)
    _row, token = register(OLD, now=now + 7 * DAY)
    assert registration.confirm(token=token, now=now + 7 * DAY, origin=ORIGIN).email == OLD


def test_a_name_given_up_is_held_as_long_as_that_can_be_undone(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_UNDO_LIFETIME = 14 * 24 * 3600
    confirm(change(make_person(OLD), NEW, now), now)
    held_until = Handle.objects.get(canonical=OLD).held_until
    assert held_until == now + 14 * DAY == Link.objects.filter(purpose=Link.Purpose.UNDO).latest("pk").expires_at


@pytest.mark.parametrize("field", ["password_changed_at", "frozen_at"])
def test_a_request_under_way_while_the_owner_takes_her_account_back_changes_no_address(
    field: str, now: dt.datetime
) -> None:
    user = make_person(OLD)
    second = added(user, "second@example.com", now)
    User.objects.update(**{field: now})  # `user` is as the request under way has read her
    with pytest.raises(Conflict):
        change(user, NEW, now)
    with pytest.raises(Conflict):
        addresses.make_primary(user=user, address_id=second.pk, now=now, origin=ORIGIN)
    assert not Link.objects.filter(purpose=Link.Purpose.CHANGE_ADDRESS).exists()
    assert shown(user) == [(OLD, True), ("second@example.com", False)]


def test_whoever_changed_her_address_may_change_it_back(now: dt.datetime) -> None:
    user = make_person(OLD)
    confirm(change(user, NEW, now), now)
    user.refresh_from_db()
    assert confirm(change(user, OLD, now), now).email == OLD


def test_only_the_change_that_was_asked_for_last_is_good(now: dt.datetime) -> None:
    user = make_person(OLD)
    first, second = change(user, NEW, now), change(user, "anna@example.net", now)
    with pytest.raises(Invalid) as refused:
        confirm(first, now)
    assert refused.value.field == "token"
    assert confirm(second, now).email == "anna@example.net"


def test_several_further_addresses_wait_side_by_side(now: dt.datetime) -> None:
    user = make_person(OLD)
    tokens = [add(user, email, now) for email in (NEW, "anna@example.net")]
    for token in tokens:
        confirm(token, now)
    assert len(shown(user)) == 3


def test_what_waits_for_the_old_address_dies_with_the_change(now: dt.datetime) -> None:
    user = make_person(OLD)
    reset = links.issue(purpose=Link.Purpose.RESET, address=OLD, user=user, now=now, lifetime=DAY)
    times = {"created_at": now, "expires_at": now + DAY}
    attempt = LoginAttempt.objects.create(user=user, digest="d", door="api", proofs={}, **times)
    confirm(change(user, NEW, now), now)
    assert not links.is_good(reset, now=now)
    assert LoginAttempt.objects.get(pk=attempt.pk).spent_at == now


@pytest.mark.parametrize("ask", [add, change])
def test_a_link_works_once_and_for_a_day(ask: object, now: dt.datetime) -> None:
    user = make_person(OLD)
    token = ask(user, NEW, now)  # type: ignore[operator]
    with pytest.raises(Invalid):
        confirm(token, now + DAY)
    confirm(token, now)
    with pytest.raises(Invalid):
        confirm(token, now)


def test_a_link_of_another_purpose_confirms_no_address(now: dt.datetime) -> None:
    user = make_person(OLD)
    reset = links.issue(purpose=Link.Purpose.RESET, address=NEW, user=user, now=now, lifetime=DAY)
    for token in (links.text_of(reset), "x" * 43, "", "\x00"):
        with pytest.raises(Invalid):
            confirm(token, now)
    assert {entry.outcome for entry in entries("accounts.address.refused")} == {"refused"}


@pytest.mark.parametrize("stop", ["is_active", "frozen_at", "erase_at"])
def test_an_account_that_may_not_act_gets_no_address(stop: str, now: dt.datetime) -> None:
    user = make_person(OLD)
    token = change(user, NEW, now)
    User.objects.update(**{stop: False if stop == "is_active" else now})
    with pytest.raises(Invalid):
        confirm(token, now)
    assert User.objects.get().email == OLD


def test_the_mail_to_an_address_that_is_somebody_elses_has_no_link(now: dt.datetime) -> None:
    make_person(NEW)
    token = add(make_person(OLD), NEW, now)
    content = CONFIRM_ADDRESS.content(Link.objects.latest("pk").pk, now)
    assert content is not None
    assert (content.template, token in str(content.context)) == ("accounts/messages/address_taken", False)


def test_the_mail_to_a_free_address_carries_the_link_and_nothing_of_who_asked(now: dt.datetime) -> None:
    token = add(make_person(OLD, first_name="Win at evil.example"), NEW, now)
    link = Link.objects.latest("pk")
    content = CONFIRM_ADDRESS.content(link.pk, now)
    assert content is not None
    assert content.context["link"] == f"http://testserver/confirm-address?token={token}"
    assert not {"evil", OLD}.intersection(str(content.context))
    confirm(token, now)
    assert CONFIRM_ADDRESS.content(link.pk, now) is None


@pytest.mark.parametrize("ask", [addresses.add, addresses.change])
def test_a_taken_address_costs_the_work_of_a_free_one(ask: Any, now: dt.datetime) -> None:
    make_person("taken@example.com")
    user, counts = make_person(OLD), []
    for name in ("free", "taken"):
        with CaptureQueriesContext(connection) as queries:
            ask(user=user, email=f"{name}@example.com", now=now, origin=ORIGIN)
        counts.append([query["sql"].split()[:3] for query in queries if "SAVEPOINT" not in query["sql"]])
    assert counts[0] == counts[1]


def test_her_own_address_is_told_to_her_as_such(now: dt.datetime) -> None:
    user = make_person(OLD)
    for ask in (add, change):
        with pytest.raises(Conflict):
            ask(user, OLD, now)


def test_a_further_address_becomes_the_first_by_a_change_too(now: dt.datetime) -> None:
    user = make_person(OLD)
    added(user, NEW, now)
    assert confirm(change(user, NEW, now), now).email == NEW
    assert shown(user) == [(NEW, True)]


def test_another_of_her_addresses_is_made_the_first(now: dt.datetime) -> None:
    user = make_person(OLD)
    handle = added(user, NEW, now)
    addresses.make_primary(user=user, address_id=handle.pk, now=now, origin=ORIGIN)
    assert (User.objects.get().email, shown(user)) == (NEW, [(NEW, True), (OLD, False)])
    assert mailed("address_changed") == [OLD]


def test_the_first_address_made_the_first_is_no_change(now: dt.datetime) -> None:
    user = make_person(OLD)
    addresses.make_primary(user=user, address_id=user.handles.get().pk, now=now, origin=ORIGIN)
    assert not Message.objects.exists()


def test_an_address_that_is_removed_finds_nobody_and_the_first_one_is_told(now: dt.datetime) -> None:
    user = make_person(OLD)
    handle = added(user, NEW, now)
    addresses.remove(user=user, address_id=handle.pk, now=now, origin=ORIGIN)
    assert shown(user) == [(OLD, True)]
    assert User.objects.find_by_name(NEW) is None
    assert mailed("address_removed") == [user.email]


def test_the_first_address_is_not_removed(now: dt.datetime) -> None:
    user = make_person(OLD)
    with pytest.raises(addresses.LastAddress):
        addresses.remove(user=user, address_id=user.handles.get().pk, now=now, origin=ORIGIN)


@pytest.mark.parametrize("act", [addresses.remove, addresses.make_primary])
def test_anothers_address_looks_like_none(act: object, now: dt.datetime) -> None:
    other = make_person(NEW).handles.get()
    for identity in (other.pk, uuid.uuid4()):
        with pytest.raises(NotFound):
            act(user=make_person(), address_id=identity, now=now, origin=ORIGIN)  # type: ignore[operator]


def test_ten_addresses_are_enough(now: dt.datetime) -> None:
    user = make_person(OLD)
    waiting = [add(user, f"{number}@example.org", now) for number in range(10)]
    for token in waiting[:9]:
        confirm(token, now)
    with pytest.raises(Invalid):
        confirm(waiting[9], now)
    with pytest.raises(addresses.TooMany):
        add(user, NEW, now)


def test_nobody_mails_the_world_by_asking_for_its_addresses(now: dt.datetime) -> None:
    user = make_person(OLD)
    for number in range(addresses.OFFERS_AN_HOUR):
        add(user, f"{number}@example.org", now)
    with pytest.raises(Throttled):
        add(user, NEW, now)


def test_an_address_that_had_its_mails_gets_none_and_nobody_is_told(now: dt.datetime) -> None:
    for _ in range(3):
        register(NEW, now=now)
    addresses.change(user=make_person(OLD), email=NEW, now=now, origin=ORIGIN)
    assert (mailed("confirm_address"), mailed("address_change_requested")) == ([], [])
    assert the_entry("accounts.address.limited").personal.name == NEW


@pytest.mark.django_db(transaction=True)
def test_of_fifty_confirmations_at_once_one_passes(now: dt.datetime) -> None:
    token = change(make_person(OLD), NEW, now)
    results = races.run(50, lambda: confirm(token, now))
    assert sum(isinstance(result, User) for result in results) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 49


@pytest.mark.django_db(transaction=True)
def test_of_people_who_want_one_address_at_once_one_gets_it(now: dt.datetime) -> None:
    waiting = iter([change(make_person(), NEW, now + number * DAY) for number in range(12)])
    results = races.run(12, lambda: confirm(next(waiting), now))
    assert sum(isinstance(result, User) for result in results) == 1
    assert User.objects.filter(email=NEW).count() == 1
