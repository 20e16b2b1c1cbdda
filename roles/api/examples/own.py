"""What the calls about permissions look like on the wire, for the published schema."""

from drf_spectacular.utils import OpenApiExample

OWN = [
    OpenApiExample(
        "a notifier",
        {"permissions": ["notifications.send_message", "notifications.view_message"], "roles": ["member", "notifier"]},
        response_only=True,
    )
]
CHECK = [
    OpenApiExample("everywhere", {"permission": "notifications.send_message"}, request_only=True),
    OpenApiExample(
        "on one resource", {"permission": "notifications.send_message", "resource": "invoice:4711"}, request_only=True
    ),
    OpenApiExample(
        "several",
        {
            "checks": [
                {"permission": "notifications.send_message"},
                {"permission": "notifications.send_message", "resource": "invoice:4711"},
            ]
        },
        request_only=True,
    ),
    OpenApiExample("yes", {"allowed": True}, response_only=True),
    OpenApiExample("in order", {"results": [{"allowed": False}, {"allowed": True}]}, response_only=True),
]
