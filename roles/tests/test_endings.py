"""Grants that end by themselves, and who is told what."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.testing import entries, the_entry
from audit.vocabulary import ActorKind
from kit.clock import utcnow
from roles import effective, endings, event_types, grants, stamps, tasks
from roles.models import AccessRequest, Grant
from roles.testing import give_role, make_group, make_role
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def test_grant_that_has_ended_is_cleared_away_and_recorded() -> None:
    anna = make_person()
    give_role(anna, "auditor", resource="org:7", expires_at=NOW + HOUR, now=NOW)
    assert [endings.clear(now=NOW + HOUR), endings.clear(now=NOW + HOUR)] == [1, 0]
    assert not Grant.objects.exists()
    entry = the_entry(event_types.GRANT_ENDED)
    assert (entry.actor_kind, entry.target_kind, entry.target) == (ActorKind.SYSTEM, "user", str(anna.pk))
    assert entry.details == {"role": "auditor", "resource": "org:7", "expires_at": (NOW + HOUR).isoformat()}


def test_what_has_not_ended_stays() -> None:
    anna = make_person()
    give_role(anna, "auditor", expires_at=NOW + HOUR, now=NOW)
    give_role(anna, "notifier")
    assert endings.clear(now=NOW + HOUR - dt.timedelta(microseconds=1)) == 0
    assert Grant.objects.count() == 2


def test_grant_that_was_given_on_to_a_later_end_stays() -> None:
    anna = make_person()
    for end in (NOW + HOUR, NOW + 2 * HOUR):
        give_role(anna, "auditor", expires_at=end, now=NOW)
    assert endings.clear(now=NOW + HOUR) == 0


def test_grant_of_a_group_ends_too() -> None:
    group = make_group("posters", make_person())
    give_role(group, "auditor", expires_at=NOW + HOUR, now=NOW)
    assert endings.clear(now=NOW + HOUR) == 1
    entry = the_entry(event_types.GRANT_ENDED)
    assert (entry.target_kind, entry.target) == ("group", "posters")


def test_denial_that_has_ended_denies_no_more() -> None:
    anna, moment = make_person(), "audit.view_entry"
    give_role(anna, "auditor")
    give_role(anna, "auditor", denies=True, expires_at=NOW + HOUR, now=NOW)
    before = effective.allows(anna, moment, now=NOW)
    endings.clear(now=NOW + HOUR)
    assert (before, effective.allows(anna, moment, now=NOW + HOUR)) == (False, True)
    assert the_entry(event_types.GRANT_ENDED).details["denies"] is True


def test_end_dates_nobody_anew_since_every_set_knows_its_own() -> None:
    anna = make_person()
    give_role(anna, "auditor", expires_at=NOW + HOUR, now=NOW)
    before = stamps.read(anna.pk)
    assert effective.allows(anna, "audit.view_entry", now=NOW)
    endings.clear(now=NOW + HOUR)
    assert stamps.read(anna.pk) == before
    assert not effective.allows(anna, "audit.view_entry", now=NOW + HOUR)


def test_many_end_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "MOST_AT_ONCE", 2)
    for number in range(5):
        give_role(make_person(f"p{number}"), "auditor", expires_at=NOW + HOUR, now=NOW)
    assert endings.clear(now=NOW + HOUR) == 5
    assert len(entries(event_types.GRANT_ENDED)) == 5


def test_nothing_to_clear_takes_no_lock() -> None:
    with CaptureQueriesContext(
        connection,
    ) as statements:
        assert tasks.end() == 0
    assert {statement["sql"].split()[0] for statement in statements} == {"SELECT"}


def test_task_clears_grants_and_requests(settings: Any) -> None:
    anna, long_ago = make_person(), utcnow() - dt.timedelta(days=30)
    give_role(anna, "auditor", expires_at=long_ago + HOUR, now=long_ago)
    make_role("courier")
    AccessRequest.objects.create(
        user_id=anna.pk, role_id="courier", asked_by=anna.pk, asked_at=long_ago, lapses_at=long_ago + HOUR
    )
    assert [tasks.end(), tasks.end()] == [2, 0]


TOLD: list[tuple[str, list[Any]]] = []


def tell(*, news: str, people: Any, reference: Any, now: dt.datetime) -> None:
    TOLD.append((str(news), [person.pk for person in people]))


@pytest.fixture(autouse=True)
def told(settings: Any) -> list[tuple[str, list[Any]]]:
    settings.ROLES_NOTICES = "roles.tests.test_endings.tell"
    TOLD.clear()
    return TOLD


def test_person_is_told_what_staff_do_to_her_grants(told: list[Any]) -> None:
    root, anna = make_person("root", is_superuser=True), make_person()
    grants.give(holder=anna, role="auditor", expires_at=NOW + HOUR, actor=root, now=NOW)
    grants.take(holder=anna, role="auditor", actor=root, now=NOW)
    assert told == [("grant_given", [anna.pk]), ("grant_taken", [anna.pk])]


def test_person_is_told_when_her_grant_has_ended(told: list[Any]) -> None:
    anna = make_person()
    give_role(anna, "auditor", expires_at=NOW + HOUR, now=NOW)
    endings.clear(now=NOW + HOUR)
    assert told == [("grant_ended", [anna.pk])]


def test_nobody_is_told_of_the_operator_of_herself_of_a_group_or_of_nothing_new(told: list[Any]) -> None:
    root, anna = make_person("root", is_superuser=True), make_person()
    group = make_group("posters", anna)
    give_role(anna, "auditor")
    for holder in (anna, root, group):
        grants.give(holder=holder, role="auditor", actor=root, now=NOW)
    grants.give(holder=anna, role="notifier", actor=root, now=NOW, told=False)
    give_role(group, "notifier", expires_at=NOW + HOUR, now=NOW)
    endings.clear(now=NOW + HOUR)
    assert told == []


def test_house_may_keep_changes_of_grants_to_itself(told: list[Any], settings: Any) -> None:
    settings.ROLES_TELL_OF_GRANTS = False
    root, anna = make_person("root", is_superuser=True), make_person()
    grants.give(holder=anna, role="auditor", expires_at=NOW + HOUR, actor=root, now=NOW)
    endings.clear(now=NOW + HOUR)
    assert told == []


def test_without_a_way_to_tell_nobody_is_told(told: list[Any], settings: Any) -> None:
    settings.ROLES_NOTICES = ""
    root, anna = make_person("root", is_superuser=True), make_person()
    assert grants.give(holder=anna, role="auditor", actor=root, now=NOW).created
    assert told == []
