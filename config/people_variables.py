"""What an operator may set of what is kept of messages, and of how people unsubscribe."""

from config.variables import env

env.section("What is kept of messages", "And for how long: [what people choose](notifications.md#what-people-choose).")

NOTIFICATIONS_RETENTION_DAYS = env.number(
    "NOTIFICATIONS_RETENTION_DAYS",
    30,
    least=1,
    most=36_500,
    meaning="Days after which what a message said is forgotten.",
)
NOTIFICATIONS_DELETE_DAYS = env.number(
    "NOTIFICATIONS_DELETE_DAYS",
    400,
    least=1,
    most=36_500,
    meaning="Days after which a message is deleted with its attempts and receipts; no fewer than the above count.",
)
NOTIFICATIONS_BOUNCE_DAYS = env.number(
    "NOTIFICATIONS_BOUNCE_DAYS",
    30,
    least=1,
    most=36_500,
    meaning="Days for which nothing is sent to an address that could not be reached.",
)
NOTIFICATIONS_UNSUBSCRIBE_MAILTO = env.text(
    "NOTIFICATIONS_UNSUBSCRIBE_MAILTO",
    meaning="An address that takes unsubscribing by mail; named in mails of bulk categories beside the link.",
)
