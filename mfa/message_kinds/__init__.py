"""The messages of second factors. What each says is built in the worker, from the row that its reference names."""

from mfa.message_kinds import codes, notices, passkeys, pauses, resets

KINDS = (*codes.KINDS, *pauses.KINDS, *notices.KINDS, *passkeys.KINDS, *resets.KINDS)
