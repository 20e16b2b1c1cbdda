"""Somebody who comes over from another system: one row of a file, checked by the rules that hold for everybody."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from rest_framework import serializers

from accounts import handles
from accounts.api.serializers.fields import Phone, TimeZone
from accounts.foreign_hashes import stored
from accounts.models import Handle, User, name_keys
from accounts.people_files import LineRefused, Row
from kit import canonical
from kit.errors import Invalid
from kit.fields import Items, Text

MOST_ADDRESSES = 10
_LOCALE = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2})?\Z"  # BCP 47, as a person may set it herself
ROOM = User._meta.get_field("password").max_length or 128


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person and her names, not yet saved."""

    line: int
    user: User
    handles: list[Handle]

    @property
    def names(self) -> list[str]:
        """Return the canonical forms of all her names."""
        return [handle.canonical for handle in self.handles]


# Names and addresses are looked at afterwards, in their canonical form. One set of fields for all rows: making a
# serializer for each would take as long as all the rest.
_FIELDS: Mapping[str, serializers.Field[Any, Any, Any, Any]] = {
    "email": Text(max_length=254),
    "other_emails": Items(child=Text(max_length=254), max_length=MOST_ADDRESSES),
    "username": Text(max_length=64),
    "first_name": Text(max_length=150, allow_blank=True),
    "last_name": Text(max_length=150, allow_blank=True),
    "phone": Phone(allow_blank=True),
    "locale": serializers.RegexField(_LOCALE, max_length=16, allow_blank=True),
    "time_zone": TimeZone(max_length=64, allow_blank=True),
    "is_active": serializers.BooleanField(),
    "created_at": serializers.DateTimeField(),
}


def read(row: Row, *, now: dt.datetime) -> Arrival:
    """Return the person whom a row describes. Raises `LineRefused`."""
    if row.refusal is not None:
        raise row.refusal
    fields = dict(row.fields)
    encoded = _hash_of(fields.pop("password_hash", None))
    if isinstance(fields.get("other_emails"), str):
        fields["other_emails"] = fields["other_emails"].split()
    known = _valid(fields)
    if known.get("created_at", now) > now:
        raise LineRefused("invalid", "created_at: lies in the future.")
    try:
        return _arrival(row.line, known, encoded, now)
    except Invalid as refused:
        raise LineRefused(refused.reason, f"{refused.field}: {refused.detail}") from refused


def _arrival(line: int, known: Mapping[str, Any], encoded: str, now: dt.datetime) -> Arrival:
    address = canonical.address(known["email"])
    others = [canonical.address(text, field="other_emails") for text in known.get("other_emails", ())]
    username = handles.username(known["username"]) if known.get("username") else ""
    names = {name: known.get(name, "") for name in ("first_name", "last_name")}
    user = User(
        email=address,
        username=known.get("username") or None,
        password=encoded,
        phone=known.get("phone", ""),
        locale=known.get("locale", ""),
        time_zone=known.get("time_zone", ""),
        is_active=known.get("is_active", True),
        created_at=known.get("created_at", now),
        **names,
        **name_keys(**names),
    )
    made = [_handle(user, Handle.Kind.EMAIL, address, now, is_primary=True)]
    made += [_handle(user, Handle.Kind.EMAIL, other, now, is_primary=False) for other in others]
    if username:
        made.append(_handle(user, Handle.Kind.USERNAME, username, now, is_primary=True))
    if len({handle.canonical for handle in made}) != len(made):
        raise LineRefused("duplicate", "One address stands twice in the line.")
    return Arrival(line, user, made)


def _handle(user: User, kind: Handle.Kind, name: str, now: dt.datetime, *, is_primary: bool) -> Handle:
    return Handle(user=user, kind=kind, canonical=name, confirmed_at=now, is_primary=is_primary)


def _hash_of(written: Any) -> str:
    """Return what is stored: without a hash one that no password fits, so that she begins with a reset link."""
    if written in (None, ""):
        return make_password(None)
    if not isinstance(written, str | dict):
        raise LineRefused("malformed_hash", "password_hash: is neither a text nor a credential of Keycloak.")
    try:
        return stored.take_over(written, longest=ROOM)
    except stored.HashRefused as refused:
        raise LineRefused(refused.reason, f"password_hash: {refused.detail}") from refused


def _valid(fields: Mapping[str, Any]) -> dict[str, Any]:
    if "email" not in fields:
        raise LineRefused("required", "email: is missing.")
    return {name: _field(name, value) for name, value in fields.items()}


def _field(name: str, value: Any) -> Any:
    try:
        return _FIELDS[name].run_validation(value)
    except serializers.ValidationError as error:
        told: Any = error.detail
        while isinstance(told, list | dict):
            told = next(iter(told.values() if isinstance(told, dict) else told))
        raise LineRefused(str(told.code), f"{name}: {told}") from error
