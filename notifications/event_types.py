"""What can happen here, for the audit log."""

from audit.vocabulary import EventType

MESSAGE_ACCEPTED = EventType(
    "notifications.message.accepted",
    "A caller's message was accepted for sending",
    fields={"channel", "category", "recipients", "scheduled"},
)
BATCH_ACCEPTED = EventType(
    "notifications.batch.accepted", "Messages of one call were accepted for sending", fields={"messages", "refused"}
)
PERSON_NOTIFIED = EventType(
    "notifications.person.notified",
    "A template was accepted for sending to a person, on each of her channels",
    fields={"template", "channels"},
)
MESSAGE_CANCELLED = EventType(
    "notifications.message.cancelled", "A message that still waited was cancelled", fields={"channel", "reason"}
)
MESSAGE_RESENT = EventType(
    "notifications.message.resent", "A message was accepted once more", fields={"channel", "again", "reason"}
)
SUPPRESSION_ADDED = EventType(
    "notifications.suppression.added",
    "Staff had an address held back",
    fields={"channel", "category", "reason", "why"},
)
SUPPRESSION_LIFTED = EventType(
    "notifications.suppression.lifted",
    "Staff let an address be written to again",
    fields={"channel", "category", "reason", "why"},
)
ADDRESS_UNSUBSCRIBED = EventType(
    "notifications.address.unsubscribed",
    "Somebody unsubscribed by the link of a mail",
    fields={"category", "one_click"},
)
ADDRESS_RESUBSCRIBED = EventType(
    "notifications.address.resubscribed",
    "Somebody subscribed again by the link of a mail",
    fields={"category"},
)
PREFERENCES_CHANGED = EventType(
    "notifications.preferences.changed",
    "A person changed what she is told of, how and when",
    fields={"choices", "switched_off", "quiet_hours"},
)
AREA_BLOCKED = EventType(
    "notifications.area.blocked",
    "Codes by short message to one prefix or country are hardly entered: none is sent to the prefix for these minutes",
    fields={"area", "sent", "entered", "minutes"},
)
TEMPLATE_MADE = EventType(
    "notifications.template.made", "A template of messages was made", fields={"name", "category", "variables"}
)
TEMPLATE_DRAFTED = EventType(
    "notifications.template.drafted", "A wording was drafted", fields={"name", "channel", "locale", "number"}
)
TEMPLATE_PUBLISHED = EventType(
    "notifications.template.published",
    "A wording was published: messages accepted from now on say it",
    fields={"name", "channel", "locale", "number", "instead_of", "copy_of"},
)
TEMPLATE_RETIRED = EventType(
    "notifications.template.retired",
    "A published wording was taken back, with no other in its place",
    fields={"name", "channel", "locale", "number"},
)
BRAND_CHANGED = EventType("notifications.brand.changed", "What mails look like was changed", fields={"name", "colour"})
QUOTA_NEARLY_SPENT = EventType(
    "notifications.quota.reached",
    "A caller, or all callers together, have had 80 % of the messages sent that they may in a day",
    fields={"count", "most", "hours"},
)
PROVIDER_SWITCHED_OFF = EventType("notifications.provider.switched_off", "Staff took a provider out of use")
PROVIDER_SWITCHED_ON = EventType("notifications.provider.switched_on", "Staff put a provider back into use")
PUSH_TARGET_ADDED = EventType("notifications.push_target.added", "A browser or phone is reached by push from now on")
PUSH_TARGET_REMOVED = EventType("notifications.push_target.removed", "A browser or phone is reached by push no more")
PROVIDER_ACCOUNT_SAVED = EventType(
    "notifications.provider_account.saved",
    "Staff set up a provider, or changed one",
    fields={"driver", "settings", "credentials"},
)
PROVIDER_ACCOUNT_REMOVED = EventType("notifications.provider_account.removed", "Staff removed a provider")
MESSAGE_RETRIED = EventType(
    "notifications.message.retried",
    "Staff had a message tried again that had failed",
    fields={"channel", "failure", "reason"},
)
TEMPLATE_TRIED = EventType(
    "notifications.template.tried",
    "Staff sent a wording to themselves",
    fields={"name", "channel", "locale", "number"},
)
SHORT_MESSAGES_STOPPED = EventType(
    "notifications.sms.stopped",
    "No short message goes out any more: the house has sent, or spent, what it may in a day",
    fields={"reason"},
)
