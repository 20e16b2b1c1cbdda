"""A foreign hash as it lies in the column of a person's hash, and what can be done with it there.

    foreign$<scheme>$<costs>$<salt>$<digest>
    wrapped$<KiB>,<passes>,<lanes>$<salt>$<digest>$<scheme>$<costs>$<salt>    Argon2id over the digest of the scheme

An Argon2id of somebody else's is kept as Django writes it. Whatever is read, from a file or from the column, passes the
bounds of `recipes`: a text that breaks them fits no password and costs nothing.
"""

import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from accounts.foreign_hashes import forms, recipes
from accounts.foreign_hashes.recipes import Malformed, Recipe, Unaffordable
from accounts.hashers import Argon2
from kit.errors import Refusal

ACCEPTED = "Argon2, bcrypt, scrypt, PBKDF2, SHA and MD5 with salt, LDAP, crypt and phpass"
LONGEST = 1024  # characters of anything that may be a hash
_WRAPPED_LENGTH = 24  # bytes: with most salts that fits into Django's column of 128 characters
_SALT_LENGTH = 16
_VERSION = 19
_SALT_OF_DECOYS = b"nobodys.salt.for.nobod"  # 22 characters: what bcrypt wants, and the others take
_DIGEST_OF_DECOYS = b"-"  # shorter than any digest

_FOREIGN = re.compile(r"foreign\$(\w+)\$([0-9,]*)\$([^$]*)\$([^$]+)")
_WRAPPED = re.compile(r"wrapped\$([0-9]+,[0-9]+,[0-9]+)\$([^$]+)\$([^$]+)\$(\w+)\$([0-9,]*)\$([^$]*)")


class HashRefused(Refusal):
    """A hash that is not taken over; `reason` is the machine word of why."""

    code: ClassVar[str] = "hash_refused"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Stored:
    """A foreign hash that is good to be checked against. `outer` is the Argon2id around it, if any."""

    recipe: Recipe
    digest: bytes
    outer: Recipe | None = None

    @property
    def is_weak(self) -> bool:
        """Say whether whoever reads the column could break it for less than one of ours."""
        return self.outer is None and self.recipe.is_weak

    @property
    def form(self) -> str:
        """Return what decides how long a check takes: scheme and costs, and those of the Argon2id around it."""
        parts = [self.recipe.scheme, _joined(self.recipe.costs)]
        return "$".join([*parts, _joined(self.outer.costs)] if self.outer else parts)

    def fits(self, password: str) -> bool:
        """Say whether a password is the one, with the same work for each wrong one."""
        made = self.recipe.derive(password)
        whole = made if self.outer is None else self.outer.derive(recipes.encoded(made or b""))
        return made is not None and hmac.compare_digest(whole or b"", self.digest)

    def wrapped(self) -> "Stored":
        """Return the same hash inside our Argon2id. It needs no password, and takes as long as one hash of ours."""
        costs = (_VERSION, Argon2.memory_cost, Argon2.time_cost, Argon2.parallelism, _WRAPPED_LENGTH)
        outer = Recipe("argon2id", costs, os.urandom(_SALT_LENGTH))
        return Stored(self.recipe, outer.derive(recipes.encoded(self.digest)) or b"", outer)

    def __str__(self) -> str:
        digest = recipes.encoded(self.digest)
        if self.outer is not None:
            costs = ",".join(map(str, self.outer.costs[1:4]))
            return f"wrapped${costs}${recipes.encoded(self.outer.salt)}${digest}${self.recipe}"
        if self.recipe.scheme == "argon2id" and self.recipe.costs[-1] == len(self.digest):
            version, memory, passes, lanes, _ = self.recipe.costs
            salt = recipes.encoded(self.recipe.salt)
            return f"argon2$argon2id$v={version}$m={memory},t={passes},p={lanes}${salt}${digest}"
        return f"foreign${self.recipe}${digest}"


def find(encoded: str) -> Stored | None:
    """Return what can be checked against, or None: unusable, unknown, malformed, or too dear to check."""
    try:
        return _read(encoded)
    except (Malformed, Unaffordable, LookupError):
        return None


def kind_of(encoded: str) -> str:
    """Return what hashes of one form have in common as they are written: cheap, and finer than the form."""
    parts = encoded.split("$")
    if parts[0] == "foreign":
        return "$".join(parts[:3])
    return "$".join([*parts[:2], *parts[4:6]]) if parts[0] == "wrapped" else encoded


def decoy(form: str) -> Stored | None:
    """Return a hash of a form (`Stored.form`) that fits no password and takes the same work; None as `find`."""
    try:
        scheme, costs, *outer = form.split("$")
        around = Recipe("argon2id", _numbers(outer[0]), _SALT_OF_DECOYS) if outer else None
        return Stored(Recipe(scheme, _numbers(costs), _SALT_OF_DECOYS), _DIGEST_OF_DECOYS, around)
    except (Malformed, Unaffordable, ValueError):
        return None


def take_over(written: str | Mapping[str, Any], *, longest: int) -> str:
    """Return the text to store for a hash as another system wrote it, or raise `HashRefused` with a reason to act on.

    `longest` is how many characters the column holds.
    """
    try:
        stored = forms_of(written)
    except Unaffordable as refused:
        raise HashRefused("costly_hash", str(refused)) from refused
    except Malformed as error:
        raise HashRefused(
            "malformed_hash", "The hash is cut off or has characters that its form does not have."
        ) from error
    except LookupError as error:
        raise HashRefused("unknown_hash", f"No known form of a password hash. Known are {ACCEPTED}.") from error
    text = str(stored)
    if len(text) > longest:
        raise HashRefused(
            "long_hash", f"With its salt the hash takes {len(text)} characters; there is room for {longest}."
        )
    return text


def forms_of(written: str | Mapping[str, Any]) -> Stored:
    """Return a hash in any form, ours or another's. Raises `Malformed`, `Unaffordable` or LookupError."""
    if isinstance(written, Mapping):
        return Stored(*forms.read_keycloak(written))
    return _read(written)


def _joined(costs: recipes.Costs) -> str:
    return ",".join(map(str, costs))


def _numbers(costs: str) -> recipes.Costs:
    return tuple(int(cost) for cost in costs.split(",") if cost)


def _read(text: str) -> Stored:
    if len(text) > LONGEST:
        raise Malformed
    if match := _FOREIGN.fullmatch(text):
        scheme, costs, salt, digest = match.groups()
        return Stored(recipes.parse(scheme, costs, salt), recipes.decoded(digest))
    if match := _WRAPPED.fullmatch(text):
        outer, outer_salt, digest, scheme, costs, salt = match.groups()
        costs_of_outer = f"{_VERSION},{outer},{_WRAPPED_LENGTH}"
        return Stored(
            recipes.parse(scheme, costs, salt),
            recipes.decoded(digest),
            recipes.parse("argon2id", costs_of_outer, outer_salt),
        )
    return Stored(*forms.read(text))
