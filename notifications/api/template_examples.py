"""What the calls about templates look like on the wire, for the published schema."""

from kit.examples import answer, body

_ITEM = {
    "name": "invoice",
    "description": "A new invoice",
    "category": "billing",
    "house": False,
    "channels": ["email", "sms"],
    "locales": ["", "de"],
    "variables": ["name", "number"],
}
_VERSION = {
    "number": 3,
    "channel": "email",
    "locale": "de",
    "state": "draft",
    "created_at": "2026-11-21T10:00:00Z",
    "published_at": None,
}
_PUBLISHED = {**_VERSION, "state": "published", "published_at": "2026-11-21T10:05:00Z"}
_SAMPLES = {"name": "Anna", "number": 4711}
_DETAIL = {**_ITEM, "samples": _SAMPLES, "versions": [_PUBLISHED]}
_NEW = {"name": "invoice", "description": "A new invoice", "category": "billing", "variables": _SAMPLES}
_WORDING = {
    "channel": "email",
    "locale": "de",
    "subject": "Rechnung {{ number }}",
    "html": "<p>Guten Tag {{ name }},</p><p>Ihre Rechnung {{ number }} ist da.</p>",
}
_SHOWN = {
    "channel": "email",
    "locale": "de",
    "version": 3,
    "subject": "Rechnung 4711",
    "text": "Guten Tag Anna,\n\nIhre Rechnung 4711 ist da.\n",
    "html": "<!doctype html>…",
}

TEMPLATES = [answer({"results": [_ITEM]})]
MADE = [body(_NEW), answer({**_DETAIL, "channels": [], "locales": [], "versions": []}, status=201)]
TEMPLATE = [answer(_DETAIL)]
DRAFTED = [body(_WORDING), answer(_VERSION, status=201)]
PUBLISHED = [answer(_PUBLISHED)]
RETIRED = [answer({**_PUBLISHED, "state": "retired"})]
PREVIEW = [body({"context": {"name": "Anna", "number": 4711}, "locale": "de-AT"}), answer(_SHOWN)]
