"""What a grant may be limited to: one thing of a client's, named `type:id`."""

import re
from typing import Any

from django.db.models import Model

from kit.errors import Invalid

MAX_RESOURCE = 200
EVERYWHERE = ""

# Visible ASCII alone, so that two resources which look alike are one.
_RESOURCE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*:[!-~]+\Z")


def parse(text: str, *, field: str = "resource") -> str:
    """Return the resource that a text names, unchanged; empty means everywhere. Raises `Invalid`."""
    if text == EVERYWHERE or (len(text) <= MAX_RESOURCE and _RESOURCE.match(text)):
        return text
    raise Invalid(
        field, f"Name a resource as type:id, at most {MAX_RESOURCE} characters and no spaces.", "invalid_resource"
    )


def of(thing: Any) -> str | None:
    """Return the resource that the `obj` of `has_perm` stands for; None when it stands for none.

    A text is a resource itself; a model's row is `app_label.model:pk`; nothing at all is everywhere.
    """
    if thing is None:
        return EVERYWHERE
    if isinstance(thing, Model):
        return None if thing.pk is None else f"{thing._meta.label_lower}:{thing.pk}"
    if isinstance(thing, str) and thing:
        try:
            return parse(thing)
        except Invalid:
            return None
    return None
