import random
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet
from django.test.utils import isolate_apps
from pytest_django import DjangoAssertNumQueries

from kit.clock import utcnow
from kit.ids import uuid7
from roles import rows, stamps
from roles.models import Grant, PersonStamp, Role
from roles.testing import allow, deny, forget_sets, make_group, make_role, place
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"
KINDS = [Person, ContentType, Role, PersonStamp]


def name_of(row: models.Model) -> str:
    return f"{row._meta.label_lower}:{row.pk}"


def seen_by(person: Any, queryset: QuerySet[Any], permission: str = SEND) -> list[Any]:
    """Return the rows by the filter, after seeing to it that each alone is answered alike."""
    found = list(rows.allowed(queryset, person, permission, now=utcnow()))
    if isinstance(person, Person):
        assert set(found) == {row for row in queryset if person.has_perm(permission, row)}
    return found


def some(model: type[models.Model]) -> tuple[QuerySet[Any], models.Model, models.Model]:
    """Return a queryset of a model, and two of its rows."""
    stamps.renew_person(make_person("first").pk)
    stamps.renew_person(make_person("second").pk)
    queryset = model._default_manager.order_by("pk")
    return queryset, queryset[0], queryset[1]


@pytest.mark.parametrize("model", KINDS)
def test_grant_on_a_row_shows_that_row_alone(model: type[models.Model]) -> None:
    anna, (queryset, first, _) = make_person(), some(model)
    allow(anna, SEND, resource=name_of(first))
    assert seen_by(anna, queryset) == [first]


@pytest.mark.parametrize("model", KINDS)
def test_denial_of_a_row_hides_that_row_alone(model: type[models.Model]) -> None:
    anna, (queryset, first, second) = make_person(), some(model)
    allow(anna, SEND)
    deny(anna, SEND, resource=name_of(first))
    found = seen_by(anna, queryset)
    assert first not in found
    assert second in found


@pytest.mark.parametrize("model", KINDS)
def test_rows_below_a_resource_are_reached_however_deep(model: type[models.Model]) -> None:
    anna, (queryset, first, second) = make_person(), some(model)
    for row, parent in ((first, "box:1"), (second, "box:2")):
        place(name_of(row), parent)
    place("box:1", "box:2")
    place("box:2", "box:3")
    allow(make_group("sales", anna), "letters.*", resource="box:3")
    assert seen_by(anna, queryset) == [first, second]
    deny(anna, SEND, resource="box:1")
    assert seen_by(anna, queryset) == [second]


def test_who_holds_nothing_sees_nothing_and_no_query_is_made(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    anna = Person.objects.annotate(**stamps.of_user("pk")).get(pk=make_person().pk)
    allow(make_person("other"), SEND)
    seen_by(anna, Person.objects.all())
    with django_assert_num_queries(0):
        assert list(rows.allowed(Person.objects.all(), anna, SEND, now=utcnow())) == []
    assert seen_by(AnonymousUser(), Person.objects.all()) == []


def test_who_holds_it_everywhere_gets_the_queryset_as_it_is() -> None:
    root = make_administrator()
    everybody = Person.objects.filter(is_active=True)
    assert str(rows.allowed(everybody, root, SEND, now=utcnow()).query) == str(everybody.query)
    assert seen_by(root, everybody) == [root]


def test_what_is_denied_everywhere_shows_nothing() -> None:
    anna = make_person()
    allow(anna, SEND)
    deny(anna, "letters.*")
    assert seen_by(anna, Person.objects.all()) == []


def test_inactive_person_sees_nothing() -> None:
    assert seen_by(make_administrator("gone"), Person.objects.all())
    Person.objects.update(is_active=False)
    assert seen_by(Person.objects.get(), Person.objects.all()) == []


@pytest.mark.parametrize("number", [1, 300])
def test_filter_is_one_query_whatever_the_number_of_grants(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = make_person()
    writer = make_role("writer", SEND)
    for place_ in range(number):
        Grant.objects.create(user_id=person.pk, role=writer, resource=f"org:{place_}", created_at=utcnow())
    place(name_of(person), "org:0")
    person = Person.objects.annotate(**stamps.of_user("pk")).get(pk=person.pk)
    forget_sets()
    queryset = rows.allowed(Person.objects.all(), person, SEND, now=utcnow())
    with django_assert_num_queries(1):
        assert list(queryset) == [person]


STRANGE = ["007", "+7", "7.0", " 7", "seven", "-0", "1e1", "99999999999999999999", "9223372036854775808", "7'"]


@pytest.mark.parametrize("model", [ContentType, Person])
def test_resource_that_only_looks_like_a_key_is_none(model: type[models.Model]) -> None:
    anna, queryset = make_person(), model._default_manager.all()
    shaped = [str(anna.pk).upper(), anna.pk.hex, f"{{{anna.pk}}}", f"{anna.pk}x", str(anna.pk).replace("-", "_")]
    for text in (*STRANGE, *shaped):
        if " " not in text:
            allow(anna, SEND, resource=f"{model._meta.label_lower}:{text}")
    assert seen_by(anna, queryset) == []


def test_row_whose_name_is_no_resource_is_for_those_who_hold_it_everywhere() -> None:
    names = ["two words", "\u00fcmlaut", "new\nline", "line\n"]
    Role.objects.bulk_create([Role(name=name) for name in names])
    strange, local = Role.objects.filter(name__in=names), make_person()
    allow(local, SEND, resource="roles.role:line")
    assert len(seen_by(make_administrator(), strange)) == len(names)
    assert seen_by(local, strange) == []


def test_percent_and_quotes_in_a_resource_are_text() -> None:
    anna = make_person()
    for text in ("100%", "%s", "o'hara", 'say-"hi"', "\\"):
        Role.objects.create(name=text)
        allow(anna, SEND, resource=f"roles.role:{text}")
    assert len(seen_by(anna, Role.objects.all())) == 5


def test_filter_narrows_and_joins_as_any_other() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    allow(anna, SEND, resource=name_of(bert))
    visible = rows.allowed(Person.objects.all(), anna, SEND, now=utcnow())
    stamps.renew_person(bert.pk)
    assert visible.filter(email="bert@example.com").count() == 1
    assert not visible.filter(email="anna@example.com").exists()
    assert PersonStamp.objects.filter(user__in=visible).get().user_id == bert.pk
    assert (visible | Person.objects.filter(pk=anna.pk)).count() == 2


@isolate_apps("roles.tests.people")
def test_model_whose_key_is_no_name_is_refused() -> None:
    class Reading(models.Model):  # noqa: DJ008 - never shown
        at = models.DateTimeField(primary_key=True)

        class Meta:
            app_label = "people"

    with pytest.raises(rows.UnfitKey, match=r"people\.Reading"):
        rows.allowed(QuerySet(Reading), make_administrator(), SEND, now=utcnow())


@pytest.mark.parametrize("seed", range(12))
def test_filter_and_single_answers_agree_at_random(seed: int) -> None:
    chance = random.Random(seed)
    anna = make_person()
    people = [make_person(f"person-{number}") for number in range(12)]
    places = (
        [name_of(person) for person in people] + [f"box:{number}" for number in range(6)] + [f"people.person:{uuid7()}"]
    )
    for number, lower in enumerate(places[:-2]):
        place(lower, chance.choice(places[number + 1 :]))
    for act in chance.choices((allow, deny), weights=(3, 1), k=6):
        act(
            anna,
            chance.choice((SEND, "letters.*", "*")),
            resource=chance.choice([*places, ""] if act is allow else places),
        )
    assert {person.pk for person in seen_by(anna, Person.objects.all())} <= {person.pk for person in (anna, *people)}
