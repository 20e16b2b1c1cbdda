"""Verifying: an untouched log holds, and of an altered one the first bad entry is named (SECURITY T03)."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import evidence, recording, sealing, verification
from audit.models import Checkpoint, Entry, Personal, Seal
from audit.testing import lifted_triggers
from audit.tests.event_types import DOOR_OPENED
from audit.tests.log import NOW, as_owner, execute, sealed, write
from audit.verification import Anchor, BrokenLog
from kit.ids import uuid7
from vault.testing import root_keys

pytestmark = pytest.mark.django_db

T1 = "t1:" + "dGVzdC1vbmx5LXZhdWx0LWtleS1vZi0zMi1ieXRlcyE="
T2 = "t2:YW5vdGhlci10ZXN0LWtleS1vZi1sZW5ndGgtMzItLS0="


UNREADABLE = {
    "sqlite": {"details": "'[1]'", "at": "'junk'", "actor": "'junk'"},
    "postgresql": {"details": "'[1]'", "at": "'infinity'", "actor": "id"},
}


def rechain() -> None:
    """Compute every seal anew over what the entries now say, as somebody without the vault's keys can."""
    chain = evidence.GENESIS
    for position, seal in enumerate(Seal.objects.select_related("entry").order_by("position"), start=1):
        digest = evidence.digest_of(seal.entry)
        chain = evidence.link(previous=chain, position=position, entry_id=seal.entry_id, digest=digest)
        Seal.objects.filter(entry_id=seal.entry_id).update(position=position, digest=digest, chain=chain)


def test_untouched_log_verifies() -> None:
    sealed(3, 2)
    write(1)
    found = verification.verify()
    assert (found.sealed, found.waiting) == (5, 1)
    assert found.chain == Checkpoint.objects.get(position=5).chain


def test_empty_log_verifies() -> None:
    assert verification.verify().sealed == 0


@pytest.mark.parametrize(
    "change",
    [
        {"action": "testing.door.closed"},
        {"outcome": "refused"},
        {"actor": uuid7()},
        {"impersonator": uuid7()},
        {"target": "another"},
        {"details": {"count": 2}},
        {"at": NOW},
        {"commitment": "0" * 64},
        {"mac": "t1:" + "0" * 64},
        {"request_id": ""},
    ],
)
def test_altered_entry_is_named(change: dict[str, Any]) -> None:
    made = sealed(3, 2)
    as_owner(lambda: Entry.objects.filter(id__in=[made[1].id, made[3].id]).update(**change))
    with pytest.raises(BrokenLog, match=f"entry {made[1].id} at position 2"):
        verification.verify()


def test_digest_of_what_a_person_did_herself_is_what_it_was_before_anybody_could_act_for_her() -> None:
    entry = Entry(
        id=UUID("0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"),
        at=NOW,
        action="testing.door.opened",
        outcome="done",
        actor_kind="person",
        actor=UUID("0193a5ca-10f4-7c55-8a21-6b0c9d8e7f61"),
        target_kind="door",
        target="7",
        request_id="r-1",
        details={"count": 1},
        commitment="ab" * 32,
    )
    written_then = "25f144501c4c3dc1256a906b60f84052316e0aa908654476e1d1a7a28e28a9f4"
    assert evidence.digest_of(entry) == written_then
    entry.impersonator = uuid7()
    assert evidence.digest_of(entry) != written_then


def test_altered_entry_is_named_though_the_chain_was_computed_anew() -> None:
    made = sealed(3)
    with lifted_triggers():
        Entry.objects.filter(id=made[1].id).update(target="another")
        rechain()
    with pytest.raises(BrokenLog, match=f"entry {made[1].id} at position 2"):
        verification.verify()


def test_deleted_entry_is_named() -> None:
    made = sealed(3)
    as_owner(Entry.objects.filter(id=made[1].id).delete)
    with pytest.raises(BrokenLog, match=f"entry {made[1].id} at position 2: missing"):
        verification.verify()


def test_entry_deleted_with_its_seal_is_noticed() -> None:
    made = sealed(3)
    as_owner(lambda: (Entry.objects.filter(id=made[1].id).delete(), Seal.objects.filter(position=2).delete()))
    with pytest.raises(BrokenLog, match="position 2: the seal is missing"):
        verification.verify()


def test_chain_written_anew_around_a_gap_is_noticed_by_its_checkpoint() -> None:
    sealed(2, 2)
    with lifted_triggers():
        Seal.objects.filter(position=2).delete()
        rechain()
    with pytest.raises(BrokenLog, match="checkpoint at position 2: the chain since the checkpoint before it"):
        verification.verify()


def test_moved_entries_are_noticed() -> None:
    made = sealed(3)

    def swap() -> None:
        for position, number in ((9, 1), (1, 2), (2, 9)):
            Seal.objects.filter(position=number).update(position=position)

    as_owner(swap)
    with pytest.raises(BrokenLog, match=f"entry {made[1].id} at position 1"):
        verification.verify()


def test_entry_put_in_by_sql_is_named() -> None:
    sealed(2)
    forged = Entry.objects.create(at=NOW, action=DOOR_OPENED.name, outcome="done", actor_kind="system", mac="t1:00")
    Personal.objects.create(entry_id=forged.id)
    with pytest.raises(BrokenLog, match=f"entry {forged.id}, not sealed: altered, or not written by this product"):
        verification.verify()


def test_entry_put_in_by_sql_is_named_after_its_sealing() -> None:
    forged = Entry.objects.create(at=NOW, action=DOOR_OPENED.name, outcome="done", actor_kind="system", mac="t1:00")
    Personal.objects.create(entry_id=forged.id)
    sealing.seal_due(now=NOW + sealing.HORIZON)
    with pytest.raises(BrokenLog, match=f"entry {forged.id} at position 1"):
        verification.verify()


def test_entry_altered_before_its_sealing_is_named() -> None:
    made = write(2)
    as_owner(lambda: Entry.objects.filter(id=made[1].id).update(target="another"))
    with pytest.raises(BrokenLog, match=f"entry {made[1].id}, not sealed"):
        verification.verify()


def test_entry_deleted_before_its_sealing_is_named() -> None:
    made = write(2)
    as_owner(Entry.objects.filter(id=made[1].id).delete)
    with pytest.raises(BrokenLog, match=f"entry {made[1].id}, not sealed: missing"):
        verification.verify()


def test_entry_kept_from_being_sealed_is_named() -> None:
    made = write(1)
    Personal.objects.update(sealed=True)
    with pytest.raises(BrokenLog, match=f"entry {made[0].id}, not sealed: its seal was removed"):
        verification.verify()


@pytest.mark.parametrize("change", [{"address": "203.0.113.8"}, {"name": ""}, {"salt": "zz"}, {"salt": ""}])
def test_altered_personal_fields_are_named(change: dict[str, str]) -> None:
    made = sealed(2)
    Personal.objects.filter(entry_id=made[1].id).update(**change)
    with pytest.raises(BrokenLog, match=f"entry {made[1].id} at position 2: its personal fields"):
        verification.verify()


@pytest.mark.parametrize("column", ["details", "at", "actor"])
def test_row_that_cannot_be_read_is_named(column: str) -> None:
    made = sealed(3)
    junk = UNREADABLE[connection.vendor][column]
    as_owner(lambda: execute(f"UPDATE audit_entry SET {column} = {junk} WHERE at < %s", made[2].at))  # noqa: S608
    with pytest.raises(BrokenLog, match=f"entry {made[0].id}"):
        verification.verify()


@pytest.mark.parametrize("change", [{"signature": "t1:00"}, {"chain": "0" * 64}, {"at": NOW}])
def test_altered_checkpoint_is_named(change: dict[str, Any]) -> None:
    sealed(2, 2)
    as_owner(lambda: Checkpoint.objects.filter(position=2).update(**change))
    with pytest.raises(BrokenLog, match="checkpoint at position 2"):
        verification.verify()


def test_seal_beyond_the_last_checkpoint_is_named() -> None:
    made = sealed(2, 2)
    as_owner(Checkpoint.objects.filter(position=4).delete)
    with pytest.raises(BrokenLog, match=f"entry {made[2].id} at position 3: sealed under no checkpoint"):
        verification.verify()


def cut_off() -> None:
    """Remove the last two entries with everything that speaks of them."""
    Entry.objects.filter(seal__position__gt=2).delete()
    Seal.objects.filter(position__gt=2).delete()
    Checkpoint.objects.filter(position__gt=2).delete()


@pytest.mark.parametrize("alter", [cut_off, lambda: None])
def test_anchor_noted_elsewhere_tells_a_log_cut_off_at_its_end(alter: Callable[[], None]) -> None:
    sealed(2, 2)
    anchor = Anchor(position=4, chain=verification.verify().chain)
    as_owner(alter)
    if alter is cut_off:
        with pytest.raises(BrokenLog, match="position 3: the log ends before the anchor"):
            verification.verify(anchor=anchor)
    else:
        assert verification.verify(anchor=anchor).sealed == 4


def test_anchor_of_another_chain_is_refused() -> None:
    sealed(2)
    with pytest.raises(BrokenLog, match="position 1: the chain up to here"):
        verification.verify(anchor=Anchor(position=1, chain="0" * 64))


def test_log_verifies_after_a_new_key_was_put_first_and_names_the_key_that_is_gone() -> None:
    sealed(2)
    with root_keys(f"{T2},{T1}"):
        sealed(1)
        assert verification.verify().sealed == 3
    with root_keys(T2), pytest.raises(BrokenLog, match="key 't1', which VAULT_KEYS does not hold"):
        verification.verify()


def test_command_says_what_holds_and_tells_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "CHUNK", 2)
    monkeypatch.setattr("audit.management.commands.audit_verify.TOLD_EVERY", 0)
    sealed(3, 2)
    write(2)
    out, err = StringIO(), StringIO()
    call_command("audit_verify", stdout=out, stderr=err)
    assert out.getvalue().startswith("The audit log verifies: 5 sealed, 2 waiting for a seal; head 5:")
    assert "4 of 5 entries verified" in err.getvalue()


def test_command_takes_the_head_that_it_printed_as_an_anchor() -> None:
    sealed(2)
    out = StringIO()
    call_command("audit_verify", stdout=out)
    call_command("audit_verify", anchor=out.getvalue().split()[-1], stdout=StringIO())
    with pytest.raises(CommandError, match="takes POSITION:CHAIN"):
        call_command("audit_verify", anchor="2")


def test_command_fails_with_one_line_that_names_the_first_bad_entry() -> None:
    made = sealed(3)
    as_owner(lambda: Entry.objects.filter(id=made[1].id).update(target="another"))
    with pytest.raises(CommandError, match=f"^The audit log does not verify: entry {made[1].id} at [^\n]+$") as caught:
        call_command("audit_verify", stdout=StringIO())
    assert caught.value.returncode == 1


def test_verifying_writes_nothing() -> None:
    recording.record(DOOR_OPENED, now=NOW)
    verification.verify()
    assert not Seal.objects.exists()
