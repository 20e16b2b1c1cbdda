"""The files that the house's own mails are made of, as wordings that staff may begin with.

The layout is taken away, and what a file includes is put in its place.
"""

import re
from dataclasses import dataclass

from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from notifications.channels import Channel
from notifications.kinds import Kind

_INCLUDE = re.compile(r'{% include "([^"]+)"(?: with label="([^"]*)")? %}')
_CONTENT = re.compile(r"{% block content %}(.*?){% endblock %}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sources:
    """The parts of a wording, as they are written."""

    subject: str = ""
    text: str = ""
    html: str = ""


def sources_of(kind: Kind) -> Sources:
    """Return what a kind's files say, as a wording."""
    if kind.channel != Channel.EMAIL:
        return Sources(text=_flat(f"{kind.template}.txt"))
    return Sources(
        subject=_flat(f"{kind.template}.subject.txt"),
        text=_flat(f"{kind.template}.txt"),
        html=_flat(f"{kind.template}.html"),
    )


def _flat(name: str) -> str:
    try:
        source = _source(name)
    except TemplateDoesNotExist:
        return ""
    content = _CONTENT.search(source)
    return (content[1] if content else source).strip()


def _source(name: str) -> str:
    source = str(get_template(name).template.source)  # type: ignore[attr-defined]
    return _INCLUDE.sub(lambda found: _source(found[1]).strip().replace("{{ label }}", found[2] or ""), source)
