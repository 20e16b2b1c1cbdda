"""What a preview's frame shows: a mail as it will be, or what is wrong with it. A document with a policy of its own."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from notifications.wording.layout import Rendered

# It may be styled and load pictures, as in a mail program; it can run, send and open nothing.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'self'"


def shown(*, words: Rendered | None = None, errors: Sequence[str] = (), dark: bool = False) -> HttpResponse:
    """Return the document: the mail itself with its subject above and its plain text below, or the mistakes.

    It is dark or light as asked, whatever the browser is.
    """
    context = {"words": words, "errors": errors}
    above = render_to_string("notifications/preview_above.html", context)
    below = render_to_string("notifications/preview_below.html", context)
    if words is not None and words.html:
        head, opening, rest = words.html.partition('<table role="presentation" class="ground"')
        mail, _, _ = rest.rpartition("</body>")
        page = f"{head}{above}{opening}{mail}{below}</body></html>"
    else:
        page = render_to_string(
            "notifications/preview_plain.html",
            {"above": mark_safe(above), "below": mark_safe(below)},  # noqa: S308 # nosec B308 B703 - escaped already
        )
    response = HttpResponse(page.replace("(prefers-color-scheme: dark)", "all" if dark else "not all"))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
