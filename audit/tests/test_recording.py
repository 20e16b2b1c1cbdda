"""Writing entries: what is in them, what is beside them, what is cleaned, what is counted instead."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries

from audit import recording, sealing
from audit.models import Entry, Flood, Personal
from audit.testing import entries, the_entry
from audit.tests.event_types import DOOR_OPENED, DOOR_REFUSED
from audit.vocabulary import ActorKind, Outcome
from kit.ids import uuid7
from kit.origin import Origin
from vault.uses import Caller

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 20, 12, 0, 5, tzinfo=dt.UTC)
HOME = Origin(address="203.0.113.7", agent="Firefox", request_id="r-1")

consumed: list[Entry] = []


def refuse(times: int, *, now: dt.datetime = NOW, origin: Origin = HOME, actor: UUID | None = None) -> int:
    """Record refusals; return how many became entries."""
    made = [
        recording.record(
            DOOR_REFUSED, now=now, actor=actor, outcome=Outcome.REFUSED, details={"reason": "shut"}, origin=origin
        )
        for _ in range(times)
    ]
    return len([entry for entry in made if entry])


def test_entry_says_who_did_what_to_whom_when_and_by_which_request() -> None:
    anna, door = uuid7(), uuid7()
    recording.record(
        DOOR_OPENED, now=NOW, actor=anna, target_kind="door", target=door, details={"count": 2}, origin=HOME
    )
    entry = the_entry(DOOR_OPENED)
    assert (entry.actor, entry.actor_kind, entry.target_kind, entry.target) == (anna, "person", "door", str(door))
    assert (entry.at, entry.outcome, entry.request_id, entry.details) == (NOW, "done", "r-1", {"count": 2})


def test_entry_says_who_acted_for_whom() -> None:
    anna, staff = uuid7(), uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna, origin=Origin(impersonator=staff))
    recording.record(DOOR_OPENED, now=NOW, actor=anna, origin=HOME)
    assert [(entry.actor, entry.impersonator) for entry in entries(DOOR_OPENED)] == [(anna, staff), (anna, None)]


def test_personal_fields_lie_beside_the_entry() -> None:
    recording.record(DOOR_OPENED, now=NOW, origin=HOME, name="anna@example.com")
    entry = the_entry(DOOR_OPENED)
    beside = Personal.objects.get(entry_id=entry.id)
    assert (beside.address, beside.agent, beside.name) == ("203.0.113.7", "Firefox", "anna@example.com")
    inside = repr({field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields})
    assert not any(text in inside for text in ("203.0.113.7", "Firefox", "anna@example.com"))


def test_same_personal_fields_give_another_commitment_each_time() -> None:
    for _ in range(2):
        recording.record(DOOR_OPENED, now=NOW, origin=HOME)
    assert len({entry.commitment for entry in entries()}) == 2


def test_entry_costs_two_statements(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        recording.record(DOOR_OPENED, now=NOW, origin=HOME, name="anna")


def test_refusal_costs_one_statement_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(3):
        refuse(1)


def test_somebody_without_an_id_is_a_stranger() -> None:
    recording.record(DOOR_OPENED, now=NOW)
    assert the_entry(DOOR_OPENED).actor_kind == ActorKind.STRANGER


@pytest.mark.parametrize("details", [{"colour": "red"}, {"count": 1.5}, {"count": [1]}, {"count": 2**60}])
def test_undeclared_or_large_details_are_refused(details: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"testing\.door\.opened"):
        recording.record(DOOR_OPENED, now=NOW, details=details)  # type: ignore[arg-type]
    assert entries() == []


def test_details_may_be_moments_ids_and_nothing() -> None:
    door = uuid7()
    recording.record(DOOR_OPENED, now=NOW, details={"reason": NOW, "agent": door, "wide": None, "count": True})
    told = the_entry(DOOR_OPENED).details
    assert told == {"reason": "2026-11-20T12:00:05+00:00", "agent": str(door), "wide": None, "count": True}


def test_text_of_the_client_never_fails_the_request() -> None:
    nasty = "a\x00b\ud800c\r\n" + "d" * 2000
    origin = Origin(address=nasty, agent=nasty, request_id=nasty)
    recording.record(DOOR_OPENED, now=NOW, origin=origin, name=nasty, details={"reason": nasty}, target=nasty)
    beside = Personal.objects.get()
    assert beside.name.startswith("a\ufffdb\ufffdc\ufffd\ufffdd")
    assert len(beside.agent) == 512
    assert sealing.seal_due(now=NOW + sealing.HORIZON) == 1


def test_entry_goes_with_the_change_that_is_rolled_back() -> None:
    with transaction.atomic():
        recording.record(DOOR_OPENED, now=NOW)
        transaction.set_rollback(True)
    assert entries() == []


def remember(entry: Entry) -> None:
    """Consume an entry; a dotted path of a test's settings."""
    consumed.append(entry)


@override_settings(AUDIT_CONSUMERS=["audit.tests.test_recording.remember"])
def test_consumers_are_given_the_entry() -> None:
    consumed.clear()
    entry = recording.record(DOOR_OPENED, now=NOW)
    assert consumed == [entry]


def test_use_of_a_key_is_recorded_for_the_vault() -> None:
    details = {"algorithm": "ES256", "state": "active"}
    recording.record_use("vault.signing_key.created", now=NOW, target="kid", details=details)
    entry = the_entry("vault.signing_key.created")
    assert (entry.actor_kind, entry.target_kind, entry.target) == ("system", "signing_key", "kid")


def test_use_of_a_key_for_a_caller_is_recorded_as_hers() -> None:
    caller = Caller(id=uuid7(), tenant=uuid7(), origin=Origin(address="203.0.113.9"))
    details: dict[str, str | int] = {"bytes": 0, "context": ""}
    recording.record_use("vault.text.decrypted", now=NOW, target="", details=details, caller=caller, is_refused=True)
    entry = the_entry("vault.text.decrypted")
    assert (entry.actor_kind, entry.actor, entry.tenant) == ("person", caller.id, caller.tenant)
    assert (entry.target_kind, entry.outcome) == ("root_key", "refused")


def test_flood_of_refusals_is_written_twenty_times_a_minute() -> None:
    assert refuse(30) == 20


def test_flood_hides_no_refusal_of_another_source_person_or_cause() -> None:
    refuse(30)
    assert refuse(1, origin=Origin(address="203.0.113.8")) == 1
    assert refuse(1, actor=uuid7()) == 1
    assert recording.record(DOOR_REFUSED, now=NOW, outcome=Outcome.REFUSED, details={"reason": "jammed"}, origin=HOME)


def test_flood_of_somebody_who_acts_for_a_person_is_not_hers() -> None:
    anna, staff = uuid7(), uuid7()
    acting = Origin(address=HOME.address, impersonator=staff)
    assert (refuse(30, actor=anna), refuse(30, actor=anna, origin=acting)) == (20, 20)
    recording.flush_floods(now=NOW + dt.timedelta(minutes=3))
    counted = [entry for entry in entries(DOOR_REFUSED) if "repeated" in entry.details]
    assert {(entry.actor, entry.impersonator) for entry in counted} == {(anna, None), (anna, staff)}


def test_addresses_of_one_ipv6_network_are_one_source() -> None:
    made = [refuse(1, origin=Origin(address=f"2001:db8::{number:x}")) for number in range(30)]
    assert sum(made) == 20


def test_flood_becomes_one_counted_entry() -> None:
    refuse(30)
    assert recording.flush_floods(now=NOW + dt.timedelta(minutes=3)) == 1
    counted = entries(DOOR_REFUSED)[-1]
    assert counted.details == {
        "reason": "shut",
        "repeated": 10,
        "first_at": "2026-11-20T12:00:05+00:00",
        "last_at": "2026-11-20T12:00:05+00:00",
    }
    assert counted.personal.address == "203.0.113.7"
    assert not Flood.objects.exists()


def test_flood_that_goes_on_is_not_flushed_yet() -> None:
    refuse(30)
    assert recording.flush_floods(now=NOW + dt.timedelta(seconds=30)) == 0
    assert Flood.objects.get().count == 30


def test_few_refusals_leave_no_count_behind() -> None:
    refuse(3)
    assert recording.flush_floods(now=NOW + dt.timedelta(minutes=3)) == 0
    assert not Flood.objects.exists()
    assert len(entries(DOOR_REFUSED)) == 3


def test_a_change_of_many_is_an_entry_for_each_in_few_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    consumed.clear()
    doors = [uuid7() for _ in range(50)]
    with (
        override_settings(AUDIT_CONSUMERS=[f"{__name__}.remember"]),
        django_assert_max_num_queries(4),
    ):
        recording.record_many(
            DOOR_OPENED,
            now=NOW,
            target_kind="door",
            targets=doors,
            actor_kind=ActorKind.COMMAND,
            details={"reason": "fire"},
        )
    written = entries(DOOR_OPENED)
    assert {entry.target for entry in written} == {str(door) for door in doors} == {entry.target for entry in consumed}
    assert {(entry.actor_kind, entry.details["reason"]) for entry in written} == {("command", "fire")}
    assert sealing.seal_due(now=NOW + dt.timedelta(minutes=1)) == 50
