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
    sign_in_links,
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
    *sign_in_links.KINDS,
    *erasure.KINDS,
)
