"""The messages that accounts sends. What each says is built in the worker, from the row that its reference names."""

from accounts.message_kinds import lockouts, password_changes, phones, registration, reversals, sessions

KINDS = (*registration.KINDS, *phones.KINDS, *sessions.KINDS, *lockouts.KINDS, *password_changes.KINDS, *reversals.KINDS)
