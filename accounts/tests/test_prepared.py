"""Rows that are read by a statement put together once (`kit.prepared`), which needs tables to be tried on."""

import datetime as dt
import uuid

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session
from accounts.testing import make_person, sign_in
from kit.prepared import ByKey

pytestmark = pytest.mark.django_db


def test_a_row_is_what_the_query_set_makes_of_it(
    now: dt.datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key = sign_in(make_person("anna@example.com", first_name="Anna"), now=now).session.pk
    rows = Session.objects.select_related("user", "parent").defer("evidence", "user__password")
    rows = rows.annotate(greeted=Concat(Value("Hello "), "user__first_name"))
    with django_assert_num_queries(1):
        found = ByKey(rows).find(key)
        assert found is not None
        assert (found.user.first_name, found.parent, vars(found)["greeted"]) == ("Anna", None, "Hello Anna")
    expected = rows.get(pk=key)
    for one, other in ((found, expected), (found.user, expected.user)):
        assert (one._state.adding, one._state.db) == (False, "default")
        assert one.get_deferred_fields() == other.get_deferred_fields()
        assert {name: value for name, value in vars(one).items() if name != "_state"} == {
            name: value for name, value in vars(other).items() if name != "_state"
        }


def test_a_key_of_no_row_finds_none() -> None:
    assert ByKey(Session.objects.all()).find(uuid.uuid4()) is None


def test_a_statement_that_is_given_more_after_the_key_is_refused() -> None:
    with pytest.raises(ValueError, match="last"):
        ByKey(Session.objects.order_by(Concat("agent", Value("x"))))
