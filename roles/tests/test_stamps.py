import pytest
from django.db import transaction

from kit.clock import utcnow
from roles import effective, stamps
from roles.models import HouseStamp
from roles.testing import allow, give_role, make_role
from roles.tests.people.making import make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db


def test_annotation_and_reading_agree() -> None:
    anna = make_person()
    allow(anna, "letters.send_letter")
    annotated = Person.objects.annotate(**stamps.of_user("pk")).get(pk=anna.pk)
    assert annotated.permission_stamp == stamps.read(anna.pk)


def test_grant_renews_the_stamp_of_its_person_alone() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    before = stamps.read(anna.pk), stamps.read(bert.pk)
    give_role(anna, "auditor")
    assert (stamps.read(anna.pk) != before[0], stamps.read(bert.pk) == before[1]) == (True, True)


def test_change_of_a_role_renews_every_stamp() -> None:
    anna = make_person()
    before = stamps.read(anna.pk)
    make_role("writer", "letters.send_letter")
    assert stamps.read(anna.pk) != before


def test_same_grant_again_keeps_the_stamp() -> None:
    anna = make_person()
    give_role(anna, "auditor")
    before = stamps.read(anna.pk)
    give_role(anna, "auditor")
    assert stamps.read(anna.pk) == before


def test_nobody_has_no_stamp() -> None:
    assert stamps.read(Person().pk) is None


def test_stamp_is_there_without_the_row_of_the_house() -> None:
    HouseStamp.objects.all().delete()
    assert stamps.read(make_person().pk) == ".."


def test_set_loaded_in_a_change_that_is_rolled_back_never_serves_again() -> None:
    anna = make_person()
    with transaction.atomic():
        give_role(anna, "auditor")
        assert effective.of(anna, now=utcnow()).allows("audit.view_entry")
        transaction.set_rollback(True)
    give_role(anna, "notifier")
    assert not effective.of(anna, now=utcnow()).allows("audit.view_entry")
