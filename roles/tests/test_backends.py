import pytest
from django.contrib.auth import authenticate

from kit.clock import utcnow
from roles import grants
from roles.backends import RoleBackend
from roles.testing import allow, give_role
from roles.tests.people.making import make_administrator, make_person

pytestmark = pytest.mark.django_db

SEND = "letters.send_letter"


def test_has_perm_answers_from_grants() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    allow(anna, SEND)
    assert (anna.has_perm(SEND), bert.has_perm(SEND)) == (True, False)


def test_revoked_role_is_refused_at_the_next_question() -> None:
    anna = make_person()
    give_role(anna, "auditor")
    assert anna.has_perm("audit.view_entry")
    grants.take(holder=anna, role="auditor", actor=None, now=utcnow())
    assert not anna.has_perm("audit.view_entry")


def test_object_may_be_a_text_or_a_row() -> None:
    anna, bert = make_person("anna"), make_person("bert")
    allow(anna, SEND, resource=f"people.person:{bert.pk}")
    assert anna.has_perm(SEND, bert)
    assert anna.has_perm(SEND, f"people.person:{bert.pk}")
    assert not anna.has_perm(SEND, anna)


@pytest.mark.parametrize("thing", ["", "no type", 7, object()])
def test_object_that_is_no_resource_is_refused_even_to_an_administrator(thing: object) -> None:
    assert not make_administrator().has_perm(SEND, thing)


def test_module_is_open_to_who_holds_anything_in_it() -> None:
    anna, root = make_person(), make_administrator()
    allow(anna, "letters.*")
    assert [anna.has_module_perms(label) for label in ("letters", "letter", "stamps")] == [True, False, False]
    assert root.has_module_perms("stamps")


def test_all_permissions_are_the_declared_names_and_the_wildcards() -> None:
    anna = make_person()
    allow(anna, "letters.*")
    allow(anna, "stamps.buy_stamp", resource="shop:1")
    everywhere = {"letters.*", "letters.send_letter", "letters.read_letter"}
    assert RoleBackend().get_all_permissions(anna) == everywhere
    assert RoleBackend().get_all_permissions(anna, "shop:1") == everywhere | {"stamps.buy_stamp"}
    assert RoleBackend().get_all_permissions(anna, "no type") == set()


def test_backend_signs_nobody_in() -> None:
    make_person()
    assert authenticate(username="anna@example.com", password="") is None
