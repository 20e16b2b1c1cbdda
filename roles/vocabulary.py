"""The permissions there are. What neither an app nor a client declares cannot be held, given or asked for.

Django's model permissions are among them by the names that Django makes, read from the models and not from its table:
a name is known as soon as the code is. Those that clients added at run time are rows (`roles.declarations`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from django.apps import apps
from django.contrib.auth import get_permission_codename

from roles import conf

EVERYTHING = "*"
MAX_PERMISSION = 150

NAME = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+\Z")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names with their descriptions, and the namespaces that they are in."""

    names: Mapping[str, str]
    namespaces: frozenset[str]

    def knows(self, permission: str) -> bool:
        """Tell whether a role may hold this: a declared name, the wildcard of a namespace that has one, or `*`."""
        if permission == EVERYTHING or permission in self.names:
            return True
        namespace, _, action = permission.partition(".")
        return action == "*" and namespace in self.namespaces

    def expand(self, held: Iterable[str]) -> frozenset[str]:
        """Return what is held together with every declared name that its wildcards cover."""
        found = frozenset(held)
        return found | {name for name in self.names if not found.isdisjoint(satisfying(name))}


def of_apps() -> Vocabulary:
    """Return what the installed apps declare. Raises ImportError for a vocabulary that is not there."""
    return _of_apps(conf.vocabularies())


def make(names: Mapping[str, str]) -> Vocabulary:
    """Return a vocabulary of these names, which does not change with them."""
    return Vocabulary(MappingProxyType(dict(names)), frozenset(namespace_of(name) for name in names))


def is_name(text: str) -> bool:
    """Tell whether a permission can have this name, whether or not one does."""
    return len(text) <= MAX_PERMISSION and NAME.match(text) is not None


def satisfying(permission: str) -> tuple[str, str, str]:
    """Return the three things of which one must be held: the permission, its namespace's wildcard, `*`."""
    return permission, f"{namespace_of(permission)}.*", EVERYTHING


def touches(held: str, asked: str) -> bool:
    """Tell whether two names, either of which may be a wildcard, have a permission in common.

    Who is denied one action of a namespace does not hold the namespace's wildcard any more.
    """
    if held == asked or EVERYTHING in {held, asked}:
        return True
    if not (held.endswith(".*") or asked.endswith(".*")):
        return False
    return namespace_of(held) == namespace_of(asked)


def touched(names: frozenset[str], asked: str) -> bool:
    """Tell whether any of these names touches one; of a name that is no wildcard it takes three looks for any number.

    Each check of who is denied a large role asks this.
    """
    if asked == EVERYTHING or asked.endswith(".*"):
        return any(touches(name, asked) for name in names)
    return not names.isdisjoint(satisfying(asked))


def namespace_of(permission: str) -> str:
    """Return the part before the first dot."""
    return permission.partition(".")[0]


@lru_cache(maxsize=8)
def _of_apps(modules: tuple[str, ...]) -> Vocabulary:
    found = dict(_of_models())
    for module in modules:
        found.update(import_module(module).PERMISSIONS)
    return make(found)


def _of_models() -> Iterable[tuple[str, str]]:
    for model in apps.get_models():
        options = model._meta
        for action in options.default_permissions:
            name = f"{options.app_label}.{get_permission_codename(action, options)}"
            yield name, f"Can {action} {options.verbose_name_raw}"
        for codename, description in options.permissions:
            yield f"{options.app_label}.{codename}", str(description)
