"""The permissions there are. What no app declares cannot be held, given or asked for.

Django's model permissions are among them by the names that Django makes, read from the models and not from its table:
a name is known as soon as the code is.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType

from django.apps import apps
from django.contrib.auth import get_permission_codename

from roles import conf

EVERYTHING = "*"
MAX_PERMISSION = 150

NAME = re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)+\Z")


def declared() -> Mapping[str, str]:
    """Return every known permission with its description. Raises ImportError for a vocabulary that is not there."""
    return _declared(conf.vocabularies())


def is_known(permission: str) -> bool:
    """Tell whether a role may hold this: a declared name, the wildcard of a namespace that has one, or `*`."""
    if permission == EVERYTHING or permission in declared():
        return True
    namespace, _, action = permission.partition(".")
    return action == "*" and namespace in _namespaces(conf.vocabularies())


def satisfying(permission: str) -> tuple[str, str, str]:
    """Return the three things of which one must be held: the permission, its namespace's wildcard, `*`."""
    return permission, f"{namespace_of(permission)}.*", EVERYTHING


def namespace_of(permission: str) -> str:
    """Return the part before the first dot."""
    return permission.partition(".")[0]


def expand(held: Iterable[str]) -> frozenset[str]:
    """Return what is held together with every declared name that its wildcards cover."""
    names = frozenset(held)
    return names | {name for name in declared() if not names.isdisjoint(satisfying(name))}


@lru_cache(maxsize=8)
def _declared(modules: tuple[str, ...]) -> Mapping[str, str]:
    found = dict(_of_models())
    for module in modules:
        found.update(import_module(module).PERMISSIONS)
    return MappingProxyType(found)


@lru_cache(maxsize=8)
def _namespaces(modules: tuple[str, ...]) -> frozenset[str]:
    return frozenset(namespace_of(name) for name in _declared(modules))


def _of_models() -> Iterable[tuple[str, str]]:
    for model in apps.get_models():
        options = model._meta
        for action in options.default_permissions:
            name = f"{options.app_label}.{get_permission_codename(action, options)}"
            yield name, f"Can {action} {options.verbose_name_raw}"
        for codename, description in options.permissions:
            yield f"{options.app_label}.{codename}", str(description)
