"""What happens to second factors, as audit entries name it."""

from audit.vocabulary import EventType

ENROLMENT_BEGUN = EventType(
    "mfa.enrolment.begun", "A person began to set up a second factor; nothing is on until she proves it", {"method"}
)
ENROLMENT_REFUSED = EventType(
    "mfa.enrolment.refused", "A code did not confirm the factor that was being set up", {"method"}
)
FACTOR_ADDED = EventType(
    "mfa.factor.added", "A person set up a second factor", {"method", "factor", "is_first", "by_challenge"}
)
FACTOR_REMOVED = EventType("mfa.factor.removed", "A person removed one of her second factors", {"method", "factor"})
FACTORS_REMOVED = EventType("mfa.factors.removed", "A person removed all of her second factors", {"count"})
FACTOR_TAKEN_BACK = EventType(
    "mfa.factor.taken_back", "The owner said that a second factor was not hers; it was removed", {"method", "factor"}
)
RECOVERY_CODES_MADE = EventType(
    "mfa.recovery_codes.made", "A person got ten new recovery codes; older ones died", frozenset()
)
RECOVERY_CODE_USED = EventType("mfa.recovery_code.used", "A recovery code was used up", {"left"})
CODE_SENT = EventType("mfa.code.sent", "A code for the second step of a sign-in was sent", {"method"})
DEVICE_TRUSTED = EventType(
    "mfa.device.trusted", "A person asked that no second factor be asked for on this device for a while", {"session"}
)
FACTOR_GUESSED = EventType(
    "mfa.factor.guessed", "Somebody used up the tries at a second factor; the owner is told", frozenset()
)
PASSKEY_COPIED = EventType(
    "mfa.passkey.copied",
    "A right signature of a passkey was refused: its counter did not grow, or it can be backed up and could not before",
    {"factor", "reason"},
)
