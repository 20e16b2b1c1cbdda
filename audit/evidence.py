"""What is signed and hashed: the canonical form of an entry, its digest and MAC, commitments, links and signatures.

Canonical form: JSON with sorted keys, no white space, UTF-8, and *empty values left out*, so that a column
added in later years leaves every old digest as it was. MACs and signatures carry the id of their vault key
(`<key id>:<hex>`); a key that has made any must stay in VAULT_KEYS for as long as the log is to be verified.
"""

import datetime as dt
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

from audit.models import Entry
from vault import keyring

GENESIS = hashlib.sha256(b"gatehouse audit chain, version 1").hexdigest()
ENTRY_PURPOSE = "audit.entry"
CHECKPOINT_PURPOSE = "audit.checkpoint"


def digest_of(entry: Entry) -> str:
    """Return the SHA-256 (hex) of the canonical form of an entry; its MAC is not part of it."""
    at = entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    ids = {"id": str(entry.id), "tenant": str(entry.tenant)}
    ids |= {name: str(getattr(entry, name) or "") for name in ("actor", "impersonator")}
    texts = {
        name: getattr(entry, name)
        for name in ("action", "outcome", "actor_kind", "target_kind", "target", "request_id", "commitment")
    }
    return hashlib.sha256(_canonical({**ids, **texts, "at": at, "details": entry.details})).hexdigest()


def commitment_to(*, salt: str, address: str, agent: str, name: str) -> str:
    """Return the commitment (hex) to an entry's personal fields: HMAC-SHA256 under the row's own salt."""
    fields = _canonical({"address": address, "agent": agent, "name": name})
    return hmac.new(bytes.fromhex(salt), fields, hashlib.sha256).hexdigest()


def link(*, previous: str, position: int, entry_id: UUID, digest: str) -> str:
    """Return the chain's next value (hex) from the one before it."""
    material = bytes.fromhex(previous) + position.to_bytes(8, "big") + entry_id.bytes + bytes.fromhex(digest)
    return hashlib.sha256(material).hexdigest()


def mac_of(digest: str, *, key_id: str | None = None) -> str:
    """Return `<key id>:<hex>` over an entry's digest, so that a row put in by SQL alone is told from one of ours."""
    return _signed(ENTRY_PURPOSE, digest, key_id)


def signature_of(*, position: int, chain: str, at: dt.datetime, key_id: str | None = None) -> str:
    """Return `<key id>:<hex>` over a checkpoint."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return _signed(CHECKPOINT_PURPOSE, f"{position} {chain} {moment}", key_id)


def key_id_of(signed: str) -> str:
    """Return the id of the key that made a MAC or a signature, by its own word."""
    return signed.rpartition(":")[0]


def _signed(purpose: str, text: str, key_id: str | None) -> str:
    used = keyring.active_id() if key_id is None else key_id
    made = hmac.new(keyring.purpose_key(purpose, key_id=used), text.encode(), hashlib.sha256)
    return f"{used}:{made.hexdigest()}"


def _canonical(value: dict[str, Any]) -> bytes:
    kept = {key: item for key, item in value.items() if item not in ("", None, {})}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
