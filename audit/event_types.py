"""What happens in the vault, as entries name it: the vault lies below and cannot declare it itself."""

from audit.vocabulary import EventType

_KEY_FIELDS = frozenset({"algorithm", "state", "retired"})

SIGNING_KEY_CREATED = EventType("vault.signing_key.created", "A signing key was made", _KEY_FIELDS)
SIGNING_KEY_ACTIVATED = EventType(
    "vault.signing_key.activated", "A signing key took over; the one before it only verifies", _KEY_FIELDS
)
SIGNING_KEY_REMOVED = EventType("vault.signing_key.removed", "A retired signing key was removed", _KEY_FIELDS)

ROOT_KEY_APPLIED = EventType(
    "vault.root_key.applied", "What is stored encrypted was brought under this root key", frozenset({"values"})
)

_TEXT_FIELDS = frozenset({"bytes", "context"})  # the size of the text, the digest of what it was bound to

TEXT_ENCRYPTED = EventType("vault.text.encrypted", "A caller had a text encrypted under this root key", _TEXT_FIELDS)
TEXT_DECRYPTED = EventType("vault.text.decrypted", "A caller had a text under this root key decrypted", _TEXT_FIELDS)

BY_NAME = {
    event.name: event
    for event in (
        *(SIGNING_KEY_CREATED, SIGNING_KEY_ACTIVATED, SIGNING_KEY_REMOVED),
        *(ROOT_KEY_APPLIED, TEXT_ENCRYPTED, TEXT_DECRYPTED),
    )
}
