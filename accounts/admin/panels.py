"""What a person's page shows and offers: panels for those who may see them, and buttons for those who may press them.

Apps above add panels by ACCOUNTS_USER_PANELS: functions `(person, viewer, now)` that return the fields of a `Panel` as
a dict, or None for who may not see it.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from accounts import authority, conf, lockouts, people_search, stewardship
from accounts.models import Device, Handle, Session, User
from audit.models import Entry
from kit import seams
from kit.errors import Invalid, NotFound
from limits import guesses
from notifications import timeline
from notifications.models import Message

SHOWN = 20
State = people_search.State


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One part of the page: `template` is rendered with `context` as `panel`; `link` leads on."""

    name: str
    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Something that a button does, with the form that came with it.

    `asks` is what it says first, empty where it needs no second thought; `why` is how it asks for a reason.
    """

    label: str
    do: Callable[[User, Mapping[str, str], dict[str, Any]], str]
    offered: Callable[[User], bool]
    permission: str = stewardship.CHANGE_USER
    asks: str = ""
    why: str = ""


def gather(*, person: User, viewer: Any, now: dt.datetime) -> list[Panel]:
    """Return the panels that this viewer may see, those of apps above before what happened."""
    told = [panel(person=person, viewer=viewer, now=now) for panel in seams.load_all("ACCOUNTS_USER_PANELS")]
    above = [Panel(**fields) for fields in told if fields is not None]
    own = [_names(person), _sessions(person, viewer, now), _limits(person, now)]
    found = [*own, *above, _messages(person, viewer), _timeline(person, viewer)]
    return [panel for panel in found if panel is not None]


def buttons(*, person: User, viewer: Any, now: dt.datetime) -> list[tuple[str, Deed]]:
    """Return the deeds that this viewer may do to this person now, by name."""
    if not authority.may_manage(actor=viewer, user=person, now=now):
        return []
    return [
        (name, deed)
        for name, deed in DEEDS.items()
        if deed.label and deed.offered(person) and viewer.has_perm(deed.permission)
    ]


def _names(person: User) -> Panel:
    handles = Handle.objects.filter(user=person).order_by("held_until", "kind", "-is_primary", "canonical")
    return Panel(
        name="names", title="Names and addresses", template="accounts/admin_names.html", context={"handles": handles}
    )


def _sessions(person: User, viewer: Any, now: dt.datetime) -> Panel | None:
    if not viewer.has_perm("accounts.view_session"):
        return None
    recent = Session.objects.filter(user=person).select_related("user", "impersonator", "parent__user")
    rows = list(recent.order_by("-created_at")[:SHOWN])
    may_end = viewer.has_perm(stewardship.CHANGE_USER) and authority.may_manage(actor=viewer, user=person, now=now)
    live = {row.pk for row in rows if row.is_live(now)}
    return Panel(
        name="sessions",
        title="Sessions",
        template="accounts/admin_sessions.html",
        context={"sessions": rows, "live": live, "may_end": may_end, "person": person},
    )


def _limits(person: User, now: dt.datetime) -> Panel:
    """Return both lanes: what strangers have tried, and what each device that is known has."""
    standings = lockouts.standings(user=person, now=now)
    names = {guesses.device_lane(device.pk): device for device in Device.objects.filter(user=person)[:100]}
    rows = [
        {"standing": one, "device": names.get(one.lane), "strangers": one.lane == guesses.STRANGERS}
        for one in standings
    ]
    return Panel(
        name="limits",
        title="Wrong passwords and codes",
        template="accounts/admin_limits.html",
        context={"rows": rows, "now": now, "most": guesses.TRIES_A_DAY},
    )


def _messages(person: User, viewer: Any) -> Panel | None:
    if not viewer.has_perm("notifications.view_message"):
        return None
    to = Handle.objects.filter(user=person, kind=Handle.Kind.EMAIL).values_list("canonical", flat=True)
    wanted = [*to, *([person.phone] if person.phone else []), str(person.pk)]  # by her id: push, and the inbox
    rows = Message.objects.filter(recipient__in=wanted).defer("text", "html").order_by("-id")[:SHOWN]
    return Panel(
        name="messages",
        title="Messages",
        template="accounts/admin_messages.html",
        context={"rows": [(message, timeline.in_words(message.failure)) for message in rows]},
        link=_list_of("notifications_message", person.email),
        link_text="All messages",
    )


def _timeline(person: User, viewer: Any) -> Panel | None:
    """Return what she did and what was done to her, as the audit log has it."""
    if not viewer.has_perm("audit.view_entry"):
        return None
    by_her = Entry.objects.filter(actor=person.pk).order_by("-at")[:SHOWN]
    on_her = Entry.objects.filter(Q(target_kind="user"), target=str(person.pk)).order_by("-at")[:SHOWN]
    entries = sorted({entry.pk: entry for entry in (*by_her, *on_her)}.values(), key=lambda e: e.at, reverse=True)
    return Panel(
        name="timeline",
        title="What happened",
        template="accounts/admin_entries.html",
        context={"entries": entries[:SHOWN]},
        link=_list_of("audit_entry", str(person.pk)),
        link_text="In the audit log",
    )


def _list_of(model: str, search: str) -> str:
    """Return where the admin lists rows of a model that a search finds; empty where it has no such page."""
    try:
        return f"{reverse(f'admin:{model}_changelist')}?{urlencode({'q': search})}"
    except NoReverseMatch:
        return ""


def _end_session(person: User, form: Mapping[str, str], by: dict[str, Any]) -> str:
    try:
        session_id = uuid.UUID(form.get("session", ""))
    except ValueError as error:
        raise NotFound from error
    stewardship.end_session(user=person, session_id=session_id, **by)
    return "The session is ended."


def _sign_out(person: User, _form: Mapping[str, str], by: dict[str, Any]) -> str:
    return f"{stewardship.sign_out(user=person, **by)} sessions ended."


def _reset_factors(person: User, form: Mapping[str, str], by: dict[str, Any]) -> str:
    reason = form.get("reason", "").strip()
    if not reason:
        raise Invalid("reason", "Say why the second factors are to go. Nothing was changed.", "required")
    stewardship.reset_factors(user=person, reason=reason, **by)
    return "The second factors are gone; the person is told."


def _simple(do: Callable[..., object], done: str) -> Callable[[User, Mapping[str, str], dict[str, Any]], str]:
    def deed(person: User, _form: Mapping[str, str], by: dict[str, Any]) -> str:
        do(user=person, **by)
        return done

    return deed


def _in(*states: State) -> Callable[[User], bool]:
    return lambda person: people_search.state_of(person) in states


DEEDS: dict[str, Deed] = {
    "send-password-reset": Deed(
        label="Send a link for a new password",
        do=_simple(stewardship.send_password_reset, "A link is on its way to the person's own address."),
        offered=_in(State.ACTIVE, State.FROZEN),
    ),
    "sign-out": Deed(label="Sign out everywhere", do=_sign_out, offered=_in(State.ACTIVE)),
    "unlock": Deed(
        label="Unlock",
        do=_simple(stewardship.unlock, "Every wait at this account is over."),
        offered=_in(State.ACTIVE, State.FROZEN),
    ),
    "reset-mfa": Deed(
        label="Reset second factors",
        do=_reset_factors,
        offered=lambda _person: bool(conf.factor_reset()),
        asks="The second factors are removed and the sessions end. The person is told by mail, with the reason.",
        why="Reason",
    ),
    "activate": Deed(
        label="Activate",
        do=_simple(stewardship.activate, "The account may act again."),
        offered=_in(State.INACTIVE, State.DELETED),
    ),
    "deactivate": Deed(
        label="Deactivate",
        do=_simple(stewardship.deactivate, "The account is stopped and its sessions are ended."),
        offered=_in(State.ACTIVE, State.FROZEN),
        asks="The account stops at once and its sessions end. It can be activated again.",
    ),
    "delete": Deed(
        label="Delete",
        do=_simple(stewardship.delete, "The account is stopped, and erased when its grace is over."),
        offered=_in(State.ACTIVE, State.FROZEN, State.INACTIVE),
        permission=stewardship.DELETE_USER,
        asks="The account stops at once. When its grace is over everything about this person is erased for good.",
    ),
    "end-session": Deed(label="", do=_end_session, offered=lambda _person: False),
}
