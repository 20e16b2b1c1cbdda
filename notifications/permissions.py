"""The permissions that this app declares, for the vocabulary of roles."""

SEND_MESSAGE = "notifications.send_message"
SEND_CRITICAL = "notifications.send_critical"
VIEW_MESSAGE = "notifications.view_message"
CHANGE_MESSAGE = "notifications.change_message"
CHANGE_TEMPLATE = "notifications.change_template"
VIEW_PROVIDER = "notifications.view_provider"
CHANGE_PROVIDER = "notifications.change_provider"

PERMISSIONS: dict[str, str] = {
    SEND_MESSAGE: "Send messages to anyone in the name of the house.",
    SEND_CRITICAL: "Send messages that nobody can switch off: of security, codes and accounts.",
    VIEW_MESSAGE: "See every message and the attempts to send it, not only one's own.",
    "notifications.view_suppression": "See which addresses nothing is sent to, and why.",
    "notifications.add_suppression": "Have nothing more sent to an address.",
    "notifications.delete_suppression": "Let an address be written to again.",
    CHANGE_MESSAGE: "Cancel any message, send it again, or try it again where it failed.",
    "notifications.view_usage": "See how many messages went out by day and provider, and what they cost.",
    CHANGE_TEMPLATE: "Word what messages say, and what mails look like.",
    VIEW_PROVIDER: "See by whom messages get out, and how each provider fares.",
    CHANGE_PROVIDER: "Take providers out of use and back, and set them up with credentials.",
}
