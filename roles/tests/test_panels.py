import datetime as dt
from typing import Any

import pytest
from django.template.loader import render_to_string

from kit.clock import utcnow
from roles import access_requests, panels
from roles.models import Role
from roles.testing import allow, give_role, make_group
from roles.tests.people.making import make_administrator, make_person
from roles.tests.people.models import Person

pytestmark = pytest.mark.django_db


def panel(person: Person, viewer: Person) -> Any:
    """Return the panel as the page has it."""
    return panels.grants_of(person=person, viewer=viewer, now=utcnow())


def text(person: Person, viewer: Person) -> str:
    """Return what the panel shows."""
    told = panel(person, viewer)
    return render_to_string(told["template"], {"panel": told["context"]})


def colleague(*permissions: str) -> Person:
    """Return somebody who may look at grants, and do this besides."""
    person = make_person("colleague")
    allow(person, "roles.view_grant", *permissions)
    return person


def test_panel_shows_what_was_given_and_denied_herself_and_by_groups() -> None:
    anna = make_person()
    give_role(anna, "notifier", expires_at=utcnow() + dt.timedelta(days=1))
    give_role(anna, "auditor", denies=True)
    give_role(make_group("crew", anna), "encryptor", resource="org:7")
    shown = text(anna, make_administrator())
    assert all(word in shown for word in ("notifier", "denies", "by the group crew", "org:7", "Denied everywhere"))


def test_panel_is_for_those_who_may_see_grants() -> None:
    assert panel(make_person(), make_person("other")) is None


def test_groups_are_named_to_those_alone_who_may_see_members() -> None:
    give_role(make_group("crew", anna := make_person()), "notifier")
    assert "crew" not in text(anna, colleague())


def test_way_to_give_a_role_is_shown_to_those_who_may() -> None:
    anna = make_person()
    assert panel(anna, colleague())["link"] == ""
    assert str(anna.pk) in panel(anna, make_administrator())["link"]


def test_request_that_waits_is_shown_to_those_who_see_requests() -> None:
    Role.objects.filter(name="notifier").update(requestable=True)
    anna = make_person()
    access_requests.ask(user=anna, role="notifier", minutes=60, reason="the newsletter", now=utcnow())
    assert "Waits for a decision" in text(anna, make_administrator())
    assert "Waits for a decision" not in text(anna, colleague())


def test_person_without_grants_has_what_everybody_has() -> None:
    assert "None but what everybody has" in text(make_person(), make_administrator())
