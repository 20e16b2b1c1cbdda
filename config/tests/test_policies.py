"""Of whom the house requires a second factor."""

from typing import Any

import pytest
from django.core.checks import Tags, run_checks

from accounts.testing import make_person
from config import policies
from mfa import policy
from roles.testing import give_role, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.MFA_POLICY = "required"


def test_of_all(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["all"]
    assert policy.requires(make_person())


def test_of_all_where_it_is_optional_of_nobody(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR, settings.MFA_POLICY = ["all"], "optional"
    assert not policy.requires(make_person(is_staff=True))


def test_of_staff_alone(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["staff"]
    assert policy.requires(make_person(is_staff=True))
    assert not policy.requires(make_person())


@pytest.mark.parametrize("resource", ["", "invoice:7"])
def test_of_who_holds_a_role_wherever_it_was_given(settings: Any, resource: str) -> None:
    settings.SECOND_FACTOR_FOR = ["staff", "auditor"]
    holder = make_person()
    give_role(holder, "auditor", resource=resource)
    assert policy.requires(holder)
    assert not policy.requires(make_person())


def test_of_who_holds_a_role_that_inherits_it(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["auditor"]
    make_role("chief-auditor", inherits=["auditor"])
    holder = make_person()
    give_role(holder, "chief-auditor")
    assert policy.requires(holder)


def test_of_a_superuser_as_of_an_administrator(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["administrator"]
    assert policy.requires(make_person(is_superuser=True))
    settings.SECOND_FACTOR_FOR = ["auditor"]
    assert not policy.requires(make_person(is_superuser=True))


def test_it_costs_nothing_where_no_role_is_named(settings: Any, django_assert_num_queries: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["staff"]
    user = make_person()
    with django_assert_num_queries(0):
        assert not policies.needs_second_factor(user)


def warned() -> list[str]:
    return [
        message.msg for message in run_checks(tags=[Tags.database], databases=["default"]) if message.id == "house.W001"
    ]


def test_a_name_that_is_no_role_is_told(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["all", "staff", "auditor", "auditors"]
    assert warned() == ["SECOND_FACTOR_FOR names auditors, which is no role here."]


def test_names_of_roles_are_nobodys_business_where_it_is_optional(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR, settings.MFA_POLICY = ["auditors"], "optional"
    assert warned() == []
