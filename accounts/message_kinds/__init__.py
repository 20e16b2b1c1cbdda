"""The messages that accounts sends. What each says is built in the worker, from the row that its reference names."""

from accounts.message_kinds import password_changes, registration, reversals, sessions

KINDS = (*registration.KINDS, *sessions.KINDS, *password_changes.KINDS, *reversals.KINDS)
