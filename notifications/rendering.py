"""From a kind's content to the words of a message. File templates, rendered when the message is sent.

Text is rendered without escaping and HTML with it. A value is never read as a template.
"""

from uuid import UUID

from django.conf import settings
from django.template import TemplateDoesNotExist
from django.utils import translation

from kit.tenants import HOUSE
from notifications.kinds import Content
from notifications.wording import brands, layout, markup
from notifications.wording.layout import Rendered


def render(content: Content, *, template: str, locale: str = "", tenant: UUID = HOUSE) -> Rendered:
    """Return the rendered mail. Besides the content's context, templates see `public_url` and `brand`.

    The subject comes out as one line without control characters. Raises what Django's templates raise.
    """
    name = content.template or template
    look = brands.look_of(tenant)
    context = {**layout.shared(look), **content.context}
    with translation.override(locale or settings.LANGUAGE_CODE):
        subject = layout.one_line(layout.fill(f"{name}.subject.txt", context, escape=False))
        text = layout.fill(f"{name}.txt", context, escape=False).strip() + "\n"
        try:
            html = markup.dressed(layout.fill(f"{name}.html", context, escape=True), look)
        except TemplateDoesNotExist as missing:
            # Only the HTML part itself may be missing, not something that it includes.
            if str(missing) != f"{name}.html":
                raise
            html = ""
    return Rendered(subject=subject, text=text, html=html)


def render_text(content: Content, *, template: str, locale: str = "") -> Rendered:
    """Return the rendered short message. Raises what Django's templates raise."""
    context = {**layout.shared(brands.Look()), **content.context}
    with translation.override(locale or settings.LANGUAGE_CODE):
        text = layout.fill(f"{content.template or template}.txt", context, escape=False).strip()
    return Rendered(subject="", text=text)
