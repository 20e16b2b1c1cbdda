"""What every message shares: one line for a subject, and the layout and looks around a mail's words."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from notifications.wording import markup
from notifications.wording.brands import Look

MAX_SUBJECT = 250
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What a message says. `html` is empty when there is no HTML template; a short message has `text` alone."""

    subject: str
    text: str
    html: str = ""


def one_line(text: str) -> str:
    """Return a subject: one line without control characters, of bounded length."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:MAX_SUBJECT]


def shared(look: Look) -> dict[str, Any]:
    """Return what every file template sees besides its own context."""
    return {"public_url": settings.PUBLIC_URL.rstrip("/"), "brand": look}


def fill(name: str, context: dict[str, Any], *, escape: bool) -> str:
    """Return a file template, filled in."""
    # The engine's own template underneath: the wrapper's render() cannot turn escaping off.
    return str(get_template(name).template.render(Context(context, autoescape=escape)))  # type: ignore[attr-defined]


def html_mail(*, title: str, body: str, look: Look) -> str:
    """Return clean HTML within the layout of all mails."""
    # `markup.clean` has written it.
    context = {**shared(look), "title": title, "body": mark_safe(body)}  # noqa: S308 # nosec B308 B703 - as above
    return markup.dressed(fill("mail.html", context, escape=True), look)


def text_mail(*, body: str, look: Look) -> str:
    """Return plain text within the layout of all mails."""
    return fill("mail.txt", {**shared(look), "body": body}, escape=False).strip() + "\n"
