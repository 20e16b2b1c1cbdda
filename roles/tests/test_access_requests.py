"""Asking for a role for a while: what is asked, how often, for how long it waits, and who sees it."""

from typing import Any

import pytest

from audit.testing import entries, the_entry
from audit.vocabulary import ActorKind
from kit.errors import Invalid, Throttled
from roles import access_requests, event_types
from roles.access_requests import AlreadyAsked, AlreadyHeld, NotWaiting
from roles.models import AccessRequest, Role
from roles.testing import allow, give_role
from roles.tests.asking import HOUR, NOW, approving, asking, just_before_the_lock, proposing
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("courier")]


def test_every_step_is_recorded(anna: Person, bert: Person) -> None:
    request = asking(anna)
    approving(request, bert)
    asked, approved = the_entry(event_types.REQUEST_ASKED), the_entry(event_types.REQUEST_APPROVED)
    assert (asked.actor, asked.target) == (anna.pk, str(anna.pk))
    assert (approved.actor, approved.target) == (bert.pk, str(anna.pk))
    expected = {"request": str(request.pk), "role": "courier", "minutes": 60}
    assert asked.details == approved.details == expected


def test_same_wish_twice_is_one_request(anna: Person) -> None:
    first = asking(anna)
    again = access_requests.ask(user=anna, role="courier", minutes=60, reason="Sending the invoices", now=NOW + HOUR)
    assert (again.request, again.created) == (first, False)
    assert AccessRequest.objects.count() == len(entries(event_types.REQUEST_ASKED)) == 1


def test_same_role_in_other_words_waits_for_the_first_decision(anna: Person) -> None:
    asking(anna)
    with pytest.raises(AlreadyAsked):
        asking(anna, minutes=61)
    assert asking(anna, minutes=61, resource="org:7").resource == "org:7"


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("role", {"role": "nobody"}),
        ("role", {"role": "auditor"}),
        ("role", {"role": "Courier\x00"}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 43_201}),
        ("reason", {"reason": " "}),
        ("reason", {"reason": "two\nlines"}),
        ("reason", {"reason": "x" * 501}),
        ("resource", {"resource": "org"}),
    ],
)
def test_wrong_wish_is_refused_by_field(field: str, wish: dict[str, Any], anna: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        asking(anna, **wish)
    assert refusal.value.field == field
    assert not AccessRequest.objects.exists()


def test_role_that_is_deleted_meanwhile_is_none(anna: Person) -> None:
    with just_before_the_lock(Role.objects.filter(name="courier").delete), pytest.raises(Invalid) as refusal:
        asking(anna)
    assert refusal.value.field == "role"


def test_longest_while_is_thirty_days(anna: Person) -> None:
    assert asking(anna, minutes=43_200).minutes == 43_200


def test_role_that_nobody_may_ask_for_looks_like_none(anna: Person) -> None:
    refusals = []
    for role in ("auditor", "no-such-role"):
        with pytest.raises(Invalid) as refusal:
            asking(anna, role=role)
        refusals.append((refusal.value.reason, refusal.value.detail))
    assert refusals[0] == refusals[1]


def test_who_has_the_role_for_as_long_asks_in_vain(anna: Person) -> None:
    give_role(anna, "courier", expires_at=NOW + HOUR, now=NOW)
    with pytest.raises(AlreadyHeld):
        asking(anna, minutes=60)
    assert asking(anna, minutes=61).minutes == 61


def test_who_asks_too_often_must_wait(anna: Person, settings: Any) -> None:
    settings.ROLES_REQUESTS_A_DAY = 2
    for number in range(2):
        asking(anna, resource=f"org:{number}", now=NOW + number * HOUR)
    with pytest.raises(Throttled) as refusal:
        asking(anna, resource="org:2", now=NOW + 2 * HOUR)
    assert refusal.value.retry_after == 22 * 3600
    assert asking(anna, resource="org:2", now=NOW + 24 * HOUR).state == "pending"


def test_withdrawn_requests_count_among_the_many(anna: Person, settings: Any) -> None:
    settings.ROLES_REQUESTS_A_DAY = 1
    access_requests.withdraw(request_id=asking(anna).pk, actor=anna, now=NOW)
    with pytest.raises(Throttled):
        asking(anna)


def test_request_that_has_waited_too_long_lapses_by_itself(anna: Person, bert: Person) -> None:
    old, new = asking(anna, now=NOW - 24 * HOUR * 7), asking(anna, resource="org:7")
    with pytest.raises(NotWaiting):
        approving(old, bert)
    assert [access_requests.lapse(now=NOW), access_requests.lapse(now=NOW)] == [1, 0]
    assert dict(AccessRequest.objects.values_list("pk", "state")) == {old.pk: "lapsed", new.pk: "pending"}
    assert the_entry(event_types.REQUEST_LAPSED).actor_kind == ActorKind.SYSTEM


def test_lapsed_request_that_was_not_cleared_yet_keeps_nobody_from_asking_again(anna: Person) -> None:
    old = asking(anna, now=NOW - 24 * HOUR * 7)
    assert asking(anna) != old
    old.refresh_from_db()
    assert old.state == "lapsed"


def test_many_lapse_in_several_transactions(anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_requests, "MOST_AT_ONCE", 2)
    for number in range(5):
        asking(anna, resource=f"org:{number}")
    assert access_requests.lapse(now=NOW + 24 * HOUR * 7) == 5


def seen_by(user: Person) -> set[Any]:
    return {row.pk for rows in access_requests.visible(user, now=NOW) for row in rows}


def test_everybody_sees_her_own_and_who_has_the_permission_all(anna: Person, bert: Person) -> None:
    own, other = asking(anna), proposing(make_person("carl"), bert)
    auditor = make_person("auditor")
    give_role(auditor, "auditor")
    assert seen_by(anna) == {own.pk}
    assert seen_by(Person.objects.get(email="carl@example.com")) == {other.pk}
    assert seen_by(auditor) == {own.pk, other.pk}
    assert seen_by(make_person("dora")) == set()


def test_who_gives_roles_sees_what_waits_there(anna: Person, bert: Person) -> None:
    everywhere, there, elsewhere = asking(anna), asking(anna, resource="org:7"), asking(anna, resource="org:8")
    carl = make_person("carl")
    allow(carl, "roles.add_grant", resource="org:7")
    assert seen_by(carl) == {there.pk}
    assert seen_by(bert) == {everywhere.pk, there.pk, elsewhere.pk}
    access_requests.withdraw(request_id=there.pk, actor=anna, now=NOW)
    assert seen_by(carl) == set()
