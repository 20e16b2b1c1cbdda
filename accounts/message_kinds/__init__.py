"""The messages that accounts sends. What each says is built in the worker, from the row that its reference names."""

from accounts.message_kinds import registration, sessions

KINDS = (*registration.KINDS, *sessions.KINDS)
