"""The form of a role: what it is for, holds and inherits, with every permission that there is to tick."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from django import forms

from roles import declarations, definitions, texts
from roles.definitions import BLANK, Definition
from roles.models import Role
from roles.vocabulary import EVERYTHING, namespace_of

UNDECLARED = "not declared any more"
SAID = tuple(each.name for each in fields(Definition))


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """One thing to tick: its value, what it allows, and whether it is ticked."""

    value: str
    words: str
    is_on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """The permissions of one namespace."""

    name: str
    ticks: Sequence[Tick]

    @property
    def on(self) -> int:
        """Return how many are ticked."""
        return sum(tick.is_on for tick in self.ticks)


class RoleForm(forms.Form):
    """What staff say of a role. Of a built-in one they decide only how it is given; what it holds is in the code."""

    name = forms.CharField(
        max_length=texts.MAX_NAME, help_text="Small letters, digits, - and _, a letter first. It stays as it is."
    )
    description = forms.CharField(
        max_length=texts.MAX_DESCRIPTION, required=False, label="What for", help_text="In one line."
    )
    sensitive = forms.BooleanField(
        required=False, label="Sensitive", help_text="A second person must agree before anybody is given it."
    )
    requestable = forms.BooleanField(
        required=False, label="On offer", help_text="Anybody may ask for it, for a while; somebody else decides."
    )
    permissions = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    inherits = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, role: Role | None) -> None:
        self.before = (definitions.of(role.name) if role else None) or BLANK
        super().__init__(data, initial={name: getattr(self.before, name) for name in SAID}, label_suffix="")
        self._known = _known(self.before)
        self._others = dict(Role.objects.exclude(name=role.name if role else "").values_list("name", "description"))
        for name, choices in (("permissions", self._known), ("inherits", self._others)):
            self.fields[name].choices = [(choice, choice) for choice in choices]  # type: ignore[attr-defined]
        for name in _settled(role):
            del self.fields[name]

    @property
    def opened_at(self) -> str:
        """Return the mark of what the role was when the form was opened."""
        return self.data.get("before") or mark_of(asdict(self.before))

    @property
    def is_outdated(self) -> bool:
        """Tell whether the role has become another one since."""
        return self.opened_at != mark_of(asdict(self.before))

    @property
    def after(self) -> Definition:
        """Return what the role would be; of a valid form."""
        said: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name in SAID}
        sets: dict[str, Any] = {name: frozenset(said[name]) for name in ("permissions", "inherits") if name in said}
        return replace(self.before, **{**said, **sets})

    @property
    def changes_holding(self) -> bool:
        """Tell whether anybody may gain or lose something by what the form says; of a valid form."""
        after = self.after
        return (after.permissions, after.inherits) != (self.before.permissions, self.before.inherits)

    def spaces(self) -> list[Space]:
        """Return every permission to tick, by namespace, the wildcards first."""
        ticked = frozenset(self["permissions"].value() or ())
        found: dict[str, list[Tick]] = {}
        for name, words in self._known.items():
            space = "everything" if name == EVERYTHING else namespace_of(name)
            found.setdefault(space, []).append(Tick(value=name, words=words, is_on=name in ticked))
        return [Space(name=name, ticks=_ticked_first(ticks)) for name, ticks in found.items()]

    def others(self) -> list[Tick]:
        """Return every role that may be inherited."""
        ticked = frozenset(self["inherits"].value() or ())
        return _ticked_first(
            Tick(value=name, words=words, is_on=name in ticked) for name, words in self._others.items()
        )


def mark_of(*told: Any) -> str:
    """Return a text that is the same for the same things alone; the order of a set is none of it."""
    return hashlib.sha256(json.dumps(told, default=sorted, sort_keys=True).encode()).hexdigest()


def _settled(role: Role | None) -> tuple[str, ...]:
    """Return what staff do not say of a role: the name of an old one, and what the code says of a built-in one."""
    if role is None:
        return ()
    return ("name", "description", "permissions", "inherits") if role.built_in else ("name",)


def _ticked_first(ticks: Iterable[Tick]) -> list[Tick]:
    return sorted(ticks, key=lambda tick: not tick.is_on)


def _known(before: Definition) -> dict[str, str]:
    """Return every name that a role may hold with what it allows, and what this one holds besides."""
    vocabulary = declarations.read()
    wildcards = {f"{space}.*": f"All of {space}, and what is declared in it later" for space in vocabulary.namespaces}
    every = {EVERYTHING: "Everything, and what is declared later"}
    found = {**dict.fromkeys(before.permissions, UNDECLARED), **vocabulary.names, **wildcards, **every}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != EVERYTHING, name))}
