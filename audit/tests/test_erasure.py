"""Erasure: the personal fields go, the entries and the chain stay."""

import pytest

from audit import erasure, recording, verification
from audit.models import Personal
from audit.testing import seal_all
from audit.tests.event_types import DOOR_OPENED
from audit.tests.log import HOME, NOW, sealed
from kit.ids import uuid7
from kit.origin import Origin

pytestmark = pytest.mark.django_db


def test_erased_fields_are_gone_and_the_log_still_verifies() -> None:
    anna = uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna, origin=HOME, name="anna")
    recording.record(DOOR_OPENED, now=NOW, target=anna, origin=HOME, name="anna")
    sealed(2)
    assert erasure.erase_personal(actor_or_target=anna, now=NOW) == 2
    erased = Personal.objects.filter(erased_at=NOW)
    assert set(erased.values_list("salt", "address", "agent", "name")) == {("", "", "", "")}
    assert verification.verify().sealed == 4


@pytest.mark.parametrize("erased", ["person", "staff"])
def test_fields_of_who_acted_for_a_person_go_with_either_of_them(erased: str) -> None:
    ids = {"person": uuid7(), "staff": uuid7()}
    origin = Origin(address="203.0.113.7", impersonator=ids["staff"])
    recording.record(DOOR_OPENED, now=NOW, actor=ids["person"], origin=origin)
    assert erasure.erase_personal(actor_or_target=ids[erased], now=NOW) == 1
    assert Personal.objects.get().address == ""


def test_others_keep_their_fields() -> None:
    sealed(2)
    assert erasure.erase_personal(actor_or_target=uuid7(), now=NOW) == 0
    assert Personal.objects.filter(name="anna").count() == 2


def test_entries_erased_before_their_sealing_are_sealed_all_the_same() -> None:
    anna = uuid7()
    recording.record(DOOR_OPENED, now=NOW, actor=anna, origin=HOME)
    erasure.erase_personal(actor_or_target=anna, now=NOW)
    assert seal_all(now=NOW) == 1
    assert verification.verify().sealed == 1
