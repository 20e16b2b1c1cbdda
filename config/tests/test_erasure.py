"""Erasure across all apps: nothing of a person is left in any table, and nothing of anybody else is gone."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as CookieRow
from django.test import Client

from accounts import admin_session, erasure, invitations
from accounts.models import Session, User
from accounts.testing import PASSWORD, client_of, make_person, register, sign_in
from audit import recording
from audit.models import Entry
from audit.testing import seal_all
from audit.verification import verify
from kit.clock import utcnow
from kit.origin import Origin
from limits import counters
from notifications.models import Message
from notifications.testing import make_message
from roles.testing import give_role

pytestmark = pytest.mark.django_db

AFTER_GRACE = dt.timedelta(days=31)
HERS: dict[str, Any] = {
    "email": "annabella@example.com",
    "username": "annabella",
    "first_name": "Annabella",
    "last_name": "Bergson",
}
PHONE = "+4915112345678"
ORIGIN = Origin(address="198.51.100.77", agent="Annabellas Browser", request_id="her-request")


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables."""
    return {model._meta.label: list(model._default_manager.values()) for model in apps.get_models()}


def erase(user: User) -> int:
    """Let her grace pass, with what is done from time to time anyway."""
    erasure.request(user=user, actor=user, now=utcnow(), origin=ORIGIN)
    later = utcnow() + AFTER_GRACE
    counters.purge(later)
    recording.flush_floods(now=later)
    return erasure.erase_due(now=later)


def traces() -> dict[str, list[str]]:
    """Return where anything of her can be read, by table."""
    words = [*HERS.values(), PHONE, ORIGIN.address, "annabellas", "bergson"]
    found = {}
    for label, of_table in rows().items():
        text = repr(of_table).lower()
        if hits := [word for word in words if word.lower() in text]:
            found[label] = hits
    return found


@pytest.fixture
def anna(db: None) -> User:
    """Somebody who has left traces everywhere."""
    user = make_person(**HERS, phone=PHONE, is_staff=True)
    give_role(user, "notifier")
    browse(user)
    register(HERS["email"], first_name="Annabella")
    for to in ([HERS["email"]], ["bert@example.com", "Annabella@Example.com"]):
        make_message(to=to, recipient=to[0].lower(), text="Dear Annabella", status="sent", due_at=None)
    people = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=user, content_type=people, object_repr="x", action_flag=CHANGE)
    LogEntry.objects.create(
        user=make_person("bert@example.com"),
        content_type=people,
        object_id=str(user.pk),
        object_repr=HERS["email"],
        action_flag=CHANGE,
    )
    return user


def browse(user: User) -> None:
    """Sign in at both doors and fail to, from her browser."""
    signed_in = sign_in(user)
    Session.objects.filter(pk=signed_in.session.pk).update(address=ORIGIN.address, agent=ORIGIN.agent, place="Graz")
    client = Client(REMOTE_ADDR=ORIGIN.address, headers={"user-agent": ORIGIN.agent})
    for password in ("wrong", PASSWORD):
        body = {"email": "Annabella@Example.com", "password": password, "device_name": "Annabellas phone"}
        client.post("/api/v1/auth/login", body, content_type="application/json")
    store = SessionStore()
    store[admin_session.SESSION_KEY] = str(Session.objects.filter(user=user).first())
    store.create()


def test_nothing_of_an_erased_person_is_left_in_any_table(anna: User) -> None:
    assert {"accounts.User", "audit.Personal", "notifications.Message", "admin.LogEntry"} <= set(traces())
    assert erase(anna) == 1
    assert traces() == {}
    assert not CookieRow.objects.exists()


def test_the_log_is_whole_after_an_erasure(anna: User) -> None:
    erase(anna)
    seal_all(now=utcnow() + AFTER_GRACE)
    assert verify().sealed == Entry.objects.count()


def test_nothing_of_anybody_else_is_gone(anna: User) -> None:
    bert = sign_in(make_person("other@example.com", first_name="Otto"))
    give_role(bert.user, "auditor")
    make_message(to=["other@example.com"], recipient="other@example.com", text="Dear Otto")
    before = client_of(bert).get("/api/v1/auth/export").json()
    erase(anna)
    after = client_of(bert).get("/api/v1/auth/export").json()
    for part in ("account", "permissions", "messages"):
        assert after[part] == before[part]
    assert len(after["history"]["done_by_you"]) == len(before["history"]["done_by_you"]) + 1


def test_export_of_a_person_holds_every_part(anna: User) -> None:
    kept = client_of(sign_in(anna)).get("/api/v1/auth/export").json()
    assert kept["account"]["person"][0]["phone"] == PHONE
    assert kept["permissions"]["roles"][0]["role"] == "notifier"
    assert {message["text"] for message in kept["messages"]["messages_to_you"]} >= {"Dear Annabella"}
    assert kept["admin"]["changes"][0]["content_type__model"] == "user"
    assert kept["account"]["registrations"][0]["address"] == HERS["email"]


@pytest.mark.parametrize("confirmed", [True, False])
def test_what_went_to_a_number_is_hers_once_she_has_confirmed_it(*, db: None, confirmed: bool) -> None:
    user = make_person(phone=PHONE, phone_confirmed_at=utcnow() if confirmed else None)
    make_message(channel="sms", to=[PHONE], recipient=PHONE, text="To who has this number")
    kept = client_of(sign_in(user)).get("/api/v1/auth/export").json()
    assert erase(user) == 1
    assert bool(kept["messages"]["messages_to_you"]) == confirmed
    assert Message.objects.filter(text="To who has this number").exists() != confirmed


def test_export_of_who_invites_names_nobody_else(db: None) -> None:
    staff = make_person("staff@example.com", is_staff=True, is_superuser=True)
    invitations.invite(guest=invitations.Guest(email="guest@example.com"), inviter=staff, now=utcnow(), origin=ORIGIN)
    kept = client_of(sign_in(staff)).get("/api/v1/auth/export").text
    assert ("accounts.invitation.sent" in kept, "guest@example.com" in kept) == (True, False)
