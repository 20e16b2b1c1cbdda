"""What the notification calls look like on the wire, for the published schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_MESSAGE = {
    "id": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e4f",
    "channel": "email",
    "status": "queued",
    "to": "berta@example.com",
    "created_at": "2026-11-21T10:00:00Z",
}

_PUSH = {**_MESSAGE, "channel": "push", "to": "0193a5d0-4b7e-7f10-b3c2-9a8b7c6d5e01"}
_PROBLEM = {
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "The request has a mistake in it.",
    "code": "validation_error",
    "request_id": "0193a5d0",
    "errors": [{"field": "to", "code": "invalid_email", "detail": "Enter an e-mail address such as anna@example.com."}],
}
_EXPLANATION = {
    "channel": "email",
    "status": "scheduled",
    "reason": "",
    "to": "berta@example.com",
    "person": None,
    "category": "invoices",
    "must_arrive": False,
    "provider": "smtp",
    "due_at": "2026-11-22T07:00:00Z",
    "expires_at": "2026-11-23T07:00:00Z",
    "segments": 0,
    "cost": 0,
    "subject": "Your invoice",
    "text": "Dear Berta,\n\nit is attached.\n",
    "html": "",
    "notes": [{"gate": "quiet_hours", "word": "deferred", "detail": "Her quiet hours last until 07:00."}],
}
ACCEPTED = OpenApiExample("accepted", _MESSAGE, response_only=True, status_codes=["202"])
EXPLAINED = OpenApiExample("explained", _EXPLANATION, response_only=True, status_codes=["200"])


EMAIL = [
    OpenApiExample(
        "one recipient",
        {"to": "berta@example.com", "subject": "Your invoice", "text": "Dear Berta,\n\nit is attached.\n"},
        request_only=True,
    ),
    OpenApiExample(
        "several recipients, later",
        {
            "to": ["berta@example.com", "carl@example.com"],
            "subject": "The week's numbers",
            "text": "They are up.",
            "html": "<p>They are <strong>up</strong>.</p>",
            "reply_to": "numbers@example.com",
            "category": "newsletter",
            "metadata": {"week": 47},
            "send_at": "2030-11-22T06:00:00Z",
        },
        request_only=True,
    ),
    OpenApiExample(
        "from a template, with a file",
        {
            "to": "berta@example.com",
            "template": "invoice",
            "context": {"name": "Berta", "total": "12.50"},
            "locale": "de",
            "attachments": [
                {"filename": "invoice.pdf", "content_type": "application/pdf", "content": "JVBERi0xLjQKJSVFT0YK"}
            ],
            "ttl": 86400,
        },
        request_only=True,
    ),
    ACCEPTED,
    EXPLAINED,
]
SMS = [
    OpenApiExample("by SMS", {"to": "+4915112345678", "text": "Your parcel is here."}, request_only=True),
    OpenApiExample(
        "by WhatsApp, from a template",
        {"to": "+4915112345678", "template": "parcel", "context": {"number": "7"}, "via": "whatsapp"},
        request_only=True,
    ),
    OpenApiExample(
        "accepted",
        {**_MESSAGE, "channel": "sms", "to": "+4915112345678"},
        response_only=True,
        status_codes=["202"],
    ),
    EXPLAINED,
]
PUSH = [
    OpenApiExample(
        "to a person's devices",
        {"to": _PUSH["to"], "title": "Your parcel is here", "body": "Come and get it.", "data": {"parcel": "7"}},
        request_only=True,
    ),
    OpenApiExample("accepted", _PUSH, response_only=True, status_codes=["202"]),
    EXPLAINED,
]
NOTICE = [
    OpenApiExample(
        "on every channel",
        {"user": _PUSH["to"], "template": "parcel", "context": {"number": "7"}},
        request_only=True,
    ),
    OpenApiExample(
        "accepted",
        {
            "messages": [{**_MESSAGE, "to": _PUSH["to"]}, _PUSH],
            "left_out": [{"channel": "sms", "reason": "no_address"}],
        },
        response_only=True,
        status_codes=["202"],
    ),
    OpenApiExample(
        "explained",
        {"messages": [{**_EXPLANATION, "to": _PUSH["to"], "person": _PUSH["to"]}], "left_out": []},
        response_only=True,
        status_codes=["200"],
    ),
]
BATCH = [
    OpenApiExample(
        "two messages",
        {
            "messages": [
                {"channel": "email", "to": "berta@example.com", "subject": "Your invoice", "text": "It is here."},
                {"channel": "sms", "to": "+4915112345678", "text": "Your parcel is here."},
            ]
        },
        request_only=True,
    ),
    OpenApiExample(
        "one accepted, one not", {"results": [_MESSAGE, _PROBLEM]}, response_only=True, status_codes=["202"]
    ),
    OpenApiExample("explained", {"results": [_EXPLANATION]}, response_only=True, status_codes=["200"]),
]
_ITEM: dict[str, Any] = {
    **_MESSAGE,
    "status": "sent",
    "due_at": None,
    "sent_at": "2026-11-21T10:00:02Z",
    "delivered_at": None,
    "expires_at": "2026-11-23T10:00:00Z",
    "kind": "",
    "category": "",
    "template": "",
    "subject": "Your invoice",
    "metadata": {},
    "failure": "",
    "batch": None,
    "resent_from": None,
}
_WHOLE = {
    **_ITEM,
    "attempts": [
        {
            "provider": "smtp",
            "outcome": "accepted",
            "error": "",
            "detail": "",
            "started_at": "2026-11-21T10:00:01Z",
            "finished_at": "2026-11-21T10:00:02Z",
        }
    ],
    "timeline": [
        {"at": "2026-11-21T10:00:00Z", "what": "accepted", "provider": "", "word": "accepted", "detail": ""},
        {"at": "2026-11-21T10:00:01Z", "what": "attempt", "provider": "smtp", "word": "accepted", "detail": ""},
    ],
    "files": [{"filename": "invoice.pdf", "content_type": "application/pdf", "size": 15}],
}
_REASON = OpenApiExample("with a reason", {"reason": "Sent to the wrong customer"}, request_only=True)
MESSAGE = [OpenApiExample("sent", _WHOLE, response_only=True)]
MESSAGES = [
    OpenApiExample(
        "a page", {"next": None, "previous": None, "results": [_ITEM]}, response_only=True, status_codes=["200"]
    )
]
CANCEL = [
    _REASON,
    OpenApiExample("cancelled", {**_WHOLE, "status": "cancelled", "attempts": []}, response_only=True),
]
RESEND = [_REASON, ACCEPTED]
