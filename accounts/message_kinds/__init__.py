"""The messages that accounts sends. What each says is built in the worker, from the row that its reference names."""

from accounts.message_kinds import (
    addresses,
    erasure,
    invitations,
    lockouts,
    password_changes,
    phones,
    registration,
    reversals,
    sessions,
)

KINDS = (
    *registration.KINDS,
    *addresses.KINDS,
    *phones.KINDS,
    *invitations.KINDS,
    *sessions.KINDS,
    *lockouts.KINDS,
    *password_changes.KINDS,
    *reversals.KINDS,
    *erasure.KINDS,
)
