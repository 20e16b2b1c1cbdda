"""What happens in accounts, as audit entries name it."""

from audit.vocabulary import EventType

REGISTRATION_REQUESTED = EventType(
    "accounts.registration.requested", "Somebody asked for an account; a mail tells the address's owner", frozenset()
)
REGISTRATION_LIMITED = EventType(
    "accounts.registration.limited", "An address had too many mails; none was sent", frozenset()
)
REGISTRATION_CONFIRMED = EventType(
    "accounts.registration.confirmed", "A link was opened and a person made of it", frozenset()
)
REGISTRATION_REFUSED = EventType(
    "accounts.registration.refused", "A confirmation was refused: unknown, used or expired link", frozenset()
)
USER_CREATED = EventType("accounts.user.created", "A person came to be", frozenset({"staff", "superuser"}))
USER_ACTIVATED = EventType("accounts.user.activated", "An account may act again", frozenset())
USER_DEACTIVATED = EventType("accounts.user.deactivated", "An account was stopped", frozenset())
USER_DELETED = EventType(
    "accounts.user.deleted", "An account was stopped for good, to be erased later", frozenset({"erase_at"})
)
USER_KEPT = EventType("accounts.user.kept", "A deleted account was brought back before it was erased", frozenset())
USER_ERASED = EventType("accounts.user.erased", "All that was kept of a person was erased", frozenset())
ERASURE_FAILED = EventType(
    "accounts.erasure.failed",
    "An account whose grace is over could not be erased; told once, and tried again every hour",
    frozenset({"error"}),
)
FACTORS_RESET = EventType("accounts.factors.reset", "Staff took away a person's second factors", frozenset({"reason"}))
RESET_SENT = EventType("accounts.reset.sent", "Staff had a link sent that sets a new password", frozenset())
DATA_EXPORTED = EventType("accounts.data.exported", "A person took what is kept of her", frozenset())
MANAGEMENT_REFUSED = EventType(
    "accounts.management.refused", "What somebody would do to that account was refused", frozenset({"action", "reason"})
)
PROFILE_CHANGED = EventType(
    "accounts.profile.changed", "What an account says of its person was changed", frozenset({"fields"})
)
LOGIN_SUCCEEDED = EventType(
    "accounts.login.succeeded", "Somebody signed in", frozenset({"session", "door", "known_device"})
)
SIGN_IN_MAIL_REQUESTED = EventType(
    "accounts.sign_in_mail.requested", "Somebody asked for a code or link that signs in", frozenset()
)
SIGN_IN_MAIL_LIMITED = EventType(
    "accounts.sign_in_mail.limited", "An address had too many mails; no code was sent", frozenset()
)
SIGN_IN_LINK_REFUSED = EventType(
    "accounts.sign_in_link.refused", "A sign-in was refused: unknown, used or expired link", frozenset()
)
LOGIN_STEP_REQUIRED = EventType(
    "accounts.login.step_required", "The password was right and a further step is due", frozenset({"step", "door"})
)
LOGIN_REFUSED = EventType(
    "accounts.login.refused", "A sign-in was refused", frozenset({"reason", "door", "known_device"})
)
PASSWORD_REFUSED = EventType(
    "accounts.password.refused",
    "A signed-in person was asked for her password again, and refused",
    frozenset({"reason", "door", "known_device"}),
)
PASSWORD_CHANGED = EventType(
    "accounts.password.changed", "A person changed her password; her other sessions ended", frozenset()
)
RESET_REQUESTED = EventType(
    "accounts.reset.requested", "Somebody asked for a link that sets a new password", frozenset()
)
RESET_LIMITED = EventType("accounts.reset.limited", "An address had too many mails; no link was sent", frozenset())
RESET_DONE = EventType(
    "accounts.password.reset", "A new password was set by a link; every session ended", frozenset({"was_frozen"})
)
RESET_REFUSED = EventType(
    "accounts.reset.refused", "A new password was refused: unknown, used or expired link", frozenset()
)
CHANGE_UNDONE = EventType(
    "accounts.change.undone",
    "The owner took back a change that was not hers, with all after it; the account is frozen",
    frozenset({"change", "changes"}),
)
UNDO_REFUSED = EventType(
    "accounts.undo.refused", "The undoing of a change was refused: unknown, used or expired link", frozenset()
)
REAUTHENTICATED = EventType(
    "accounts.session.reauthenticated",
    "A signed-in person proved again who she is",
    frozenset({"methods"}),
)
LOCKOUT_ANNOUNCED = EventType(
    "accounts.lockout.announced",
    "Strangers have used up their tries at an account; its owner is told, with a link that lets her in",
    frozenset(),
)
LOCKOUT_LIFTED = EventType(
    "accounts.lockout.lifted",
    "The owner of an account was let in by her link, or staff ended every wait at it",
    frozenset({"by"}),
)
UNLOCK_REFUSED = EventType(
    "accounts.unlock.refused", "A link that lets an owner in was refused: unknown, used, or expired", frozenset()
)
PRESSURE_RISEN = EventType(
    "accounts.pressure.risen",
    "More sign-ins were refused in five minutes than is usual for the whole house; strangers are asked for more",
    frozenset(),
)
REFUSALS_UNWRITTEN = EventType(
    "accounts.refusals.unwritten",
    "More sign-ins were refused within a minute than the log takes; the others of that minute are only counted",
    frozenset(),
)
ADDRESS_THROTTLED = EventType(
    "accounts.address.throttled",
    "A network address called a route more often than it may; told at the first refusal and at each tenfold",
    frozenset({"route", "limit", "refused"}),
)
SESSION_REFRESHED = EventType("accounts.session.refreshed", "A session's tokens were renewed", frozenset())
SESSION_ENDED = EventType("accounts.session.ended", "A session was ended", frozenset({"reason"}))
SESSIONS_ENDED = EventType("accounts.sessions.ended", "Several sessions were ended", frozenset({"reason", "count"}))
IMPERSONATION_STARTED = EventType(
    "accounts.impersonation.started",
    "Somebody of the staff sees the service as this person does, and can change nothing",
    frozenset({"session", "asked_in", "minutes", "reason"}),
)
IMPERSONATION_ENDED = EventType(
    "accounts.impersonation.ended",
    "Somebody of the staff sees the service as this person does no more, before the time was over",
    frozenset({"reason", "impersonator"}),
)
IMPERSONATION_REFUSED = EventType(
    "accounts.impersonation.refused",
    "Somebody of the staff who sees the service as a person does tried what only that person may",
    frozenset({"method", "call"}),
)
_REUSE_FIELDS = frozenset({"verdict", "spent_seconds_ago", "same_address", "same_agent", "successor_used"})
REFRESH_RACED = EventType(
    "accounts.refresh.raced",
    "A spent refresh token was answered once more within its grace; told once for a session",
    _REUSE_FIELDS,
)
REFRESH_REUSED = EventType(
    "accounts.refresh.reused", "A spent refresh token came back too late; its session was ended", _REUSE_FIELDS
)
REFRESH_REFUSED = EventType("accounts.refresh.refused", "A refresh token was refused", frozenset({"reason"}))
ADDRESS_OFFERED = EventType(
    "accounts.address.offered",
    "A person named a further or another address of hers; a mail to it asks for confirmation",
    frozenset({"change"}),
)
ADDRESS_LIMITED = EventType(
    "accounts.address.limited", "An address that a person named had too many mails; none was sent", frozenset()
)
ADDRESS_CONFIRMED = EventType(
    "accounts.address.confirmed", "An address was confirmed by its link", frozenset({"change"})
)
ADDRESS_REFUSED = EventType(
    "accounts.address.refused", "The link of an address was refused: unknown, used, expired, or taken", frozenset()
)
ADDRESS_REMOVED = EventType("accounts.address.removed", "A person gave an address up", frozenset())
ADDRESS_MADE_PRIMARY = EventType(
    "accounts.address.made_primary", "A person chose another of her addresses as the first", frozenset()
)
PHONE_CODE_SENT = EventType("accounts.phone.code_sent", "A code was sent to a telephone", frozenset())
PHONE_CONFIRMED = EventType("accounts.phone.confirmed", "A telephone number was confirmed by its code", frozenset())
PHONE_REFUSED = EventType("accounts.phone.refused", "The code of a telephone number was refused", frozenset())
INVITATION_SENT = EventType(
    "accounts.invitation.sent", "A person was invited, or her invitation sent again", frozenset({"staff", "grants"})
)
INVITATION_WITHDRAWN = EventType("accounts.invitation.withdrawn", "An invitation was withdrawn", frozenset())
INVITATION_ACCEPTED = EventType(
    "accounts.invitation.accepted", "An invitation was accepted and a person made of it", frozenset({"inviter"})
)
INVITATION_REFUSED = EventType(
    "accounts.invitation.refused",
    "An invitation was refused: its link is not good, its inviter may not give it, or its address had too many mails",
    frozenset({"reason"}),
)
SIGN_UP_REFUSED = EventType(
    "accounts.sign_up.refused", "Somebody asked for an account where sign-up is not open to her", frozenset({"path"})
)
ROBOT_REFUSED = EventType(
    "accounts.robot.refused", "A call came without the proof of work that it has to bring", frozenset({"purpose"})
)
USER_IMPORTED = EventType("accounts.user.imported", "A person was brought over from another system", {"file"})
IMPORT_ADVANCED = EventType(
    "accounts.import.advanced",
    "People were brought over from a file, up to a line of it",
    {"line", "imported", "refused", "is_finished"},
)
PEOPLE_EXPORTED = EventType(
    "accounts.people.exported", "An operator wrote people into a file", {"count", "with_hashes"}
)
HASHES_WRAPPED = EventType(
    "accounts.hashes.wrapped", "Weak hashes of other systems were wrapped in ours", {"count", "first", "last"}
)
