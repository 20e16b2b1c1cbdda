"""Dotted paths in settings: how an app below reaches one above without importing it.

`config.checks` imports each path named in settings; one that leads nowhere stops the start.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def load(path: str) -> Any:
    """Return what the dotted path names. Raises ImportError when it names nothing."""
    return import_string(path)


def load_all(setting: str) -> list[Callable[..., Any]]:
    """Return what a setting that lists dotted paths names, in order; nothing when the setting is absent."""
    return [load(path) for path in getattr(settings, setting, ())]
