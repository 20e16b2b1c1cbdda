"""The permissions that this app declares, for the vocabulary of roles."""

PERMISSIONS: dict[str, str] = {
    "notifications.send_message": "Send messages to anyone in the name of the house.",
    "notifications.view_message": "See every message and the attempts to send it, not only one's own.",
    "notifications.view_suppression": "See which addresses nothing is sent to, and why.",
    "notifications.add_suppression": "Have nothing more sent to an address.",
    "notifications.delete_suppression": "Let an address be written to again.",
    "notifications.change_message": "Cancel any message, send it again, or try it again where it failed.",
    "notifications.view_usage": "See how many messages went out by day and provider, and what they cost.",
}
