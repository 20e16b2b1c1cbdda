"""From a kind's content to the words of a message. File templates, rendered when the message is sent.

Text is rendered without escaping and HTML with it. A value is never read as a template.
"""

import re
from dataclasses import dataclass

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import translation

from notifications.kinds import Content

MAX_SUBJECT = 250
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What a message says. `html` is empty when there is no HTML template; a short message has `text` alone."""

    subject: str
    text: str
    html: str = ""


def render(content: Content, *, template: str, locale: str = "") -> Rendered:
    """Return the rendered mail. Besides the content's context, templates see `public_url`.

    The subject comes out as one line without control characters. Raises what Django's templates raise.
    """
    name = content.template or template
    with translation.override(locale or settings.LANGUAGE_CODE):
        subject = _UNPRINTABLE.sub(" ", _fill(f"{name}.subject.txt", content, escape=False))
        text = _fill(f"{name}.txt", content, escape=False).strip() + "\n"
        try:
            html = _fill(f"{name}.html", content, escape=True)
        except TemplateDoesNotExist as missing:
            # Only the HTML part itself may be missing, not something that it includes.
            if str(missing) != f"{name}.html":
                raise
            html = ""
    return Rendered(subject=" ".join(subject.split())[:MAX_SUBJECT], text=text, html=html)


def render_text(content: Content, *, template: str, locale: str = "") -> Rendered:
    """Return the rendered short message. Raises what Django's templates raise."""
    with translation.override(locale or settings.LANGUAGE_CODE):
        return Rendered(subject="", text=_fill(f"{content.template or template}.txt", content, escape=False).strip())


def _fill(name: str, content: Content, *, escape: bool) -> str:
    context = {"public_url": settings.PUBLIC_URL.rstrip("/"), **content.context}
    # The engine's own template underneath: the wrapper's render() cannot turn escaping off.
    return str(get_template(name).template.render(Context(context, autoescape=escape)))  # type: ignore[attr-defined]
