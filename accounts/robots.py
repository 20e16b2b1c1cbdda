"""A challenge against robots: what anybody may call costs a client some work, and a program that calls often a lot.

Which challenge is a setting (`ACCOUNTS_ROBOT_CHALLENGE`); the one shipped is a proof of work that needs no third party.
We keep nothing of a challenge until it is solved: it is signed, names what it is for, how hard it is and when it ends,
and its solution is good once.
"""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from django.db import IntegrityError, transaction

from accounts import conf, event_types
from accounts.models import SpentProof
from audit import recording
from audit.vocabulary import ActorKind, Outcome
from kit import seams
from kit.errors import Invalid
from kit.origin import Origin
from vault import digests

PURPOSES = ("register", "login")
KNOWN = {"off": "accounts.robots.Nothing", "proof-of-work": "accounts.robots.ProofOfWork"}
LIFETIME = 600  # seconds
MAX_PROOF = 300  # characters

_PROOF = re.compile(
    r"(?P<challenge>(?P<signed>pow1\.(?P<purpose>[a-z]{1,16})\.(?P<difficulty>[0-9]{1,2})\.(?P<end>[0-9]{1,12})"
    r"\.[A-Za-z0-9_-]{22})\.(?P<mac>[0-9a-f]{64})):[0-9]{1,20}\Z",
    re.ASCII,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """A challenge as a client gets it. `kind` says what to do with it; with `off` there is nothing to do."""

    kind: str
    purpose: str
    challenge: str = ""
    difficulty: int = 0
    expires_in: int = 0


class Challenge(Protocol):
    """A kind of challenge, named in ACCOUNTS_ROBOT_CHALLENGE by its dotted path."""

    def issue(self, *, purpose: str, now: dt.datetime) -> Issued:
        """Return a new challenge for one of `PURPOSES`."""

    def accepts(self, *, proof: str, purpose: str, now: dt.datetime) -> bool:
        """Say whether this proves the work for this purpose, and has not been shown before. True once."""


class Nothing:
    """No challenge: everybody passes."""

    def issue(self, *, purpose: str, now: dt.datetime) -> Issued:
        """Return word that nothing is asked."""
        return Issued(kind="off", purpose=purpose)

    def accepts(self, *, proof: str, purpose: str, now: dt.datetime) -> bool:
        """Say yes."""
        return True


class ProofOfWork:
    """Find a number so that the SHA-256 of `<challenge>:<number>` begins with `difficulty` zero bits (as Hashcash)."""

    def issue(self, *, purpose: str, now: dt.datetime) -> Issued:
        """Return a new challenge, good for ten minutes."""
        difficulty, end = conf.robot_difficulty(), int(now.timestamp()) + LIFETIME
        signed = f"pow1.{purpose}.{difficulty}.{end}.{secrets.token_urlsafe(16)}"
        return Issued(
            kind="proof-of-work",
            purpose=purpose,
            challenge=f"{signed}.{_mac(signed)}",
            difficulty=difficulty,
            expires_in=LIFETIME,
        )

    def accepts(self, *, proof: str, purpose: str, now: dt.datetime) -> bool:
        """Say whether the proof holds: signature first, then time, purpose and work, and last whether it is new."""
        match = _PROOF.match(proof)
        if match is None or not hmac.compare_digest(_mac(match["signed"]), match["mac"]):
            return False
        end = int(match["end"])
        if match["purpose"] != purpose or end <= now.timestamp() or not _shows(proof, int(match["difficulty"])):
            return False
        return _is_first(match["challenge"], dt.datetime.fromtimestamp(end, tz=dt.UTC))


def issue(*, purpose: str, now: dt.datetime) -> Issued:
    """Return a challenge of the kind that is set, for one of `PURPOSES`."""
    return _kind().issue(purpose=purpose, now=now)


def require(*, proof: str, purpose: str, now: dt.datetime, origin: Origin) -> None:
    """Return only for whoever has done the work; where no challenge is set, for everybody.

    A proof is spent by this, whatever becomes of the call. Raises `Invalid` on `robot_proof`, with the reason
    `robot_proof_required`; the refusal is recorded. Not to be called in a transaction that could undo it.
    """
    if _kind().accepts(proof=proof, purpose=purpose, now=now):
        return
    recording.record(
        event_types.ROBOT_REFUSED,
        now=now,
        actor_kind=ActorKind.STRANGER,
        outcome=Outcome.REFUSED,
        details={"purpose": purpose},
        origin=origin,
    )
    raise Invalid(
        "robot_proof", "Solve a challenge of /api/v1/auth/robot-challenge for this first.", "robot_proof_required"
    )


def purge(*, now: dt.datetime) -> int:
    """Delete the proofs whose challenge is over: they are good no more anyway. Returns how many."""
    deleted, _ = SpentProof.objects.filter(expires_at__lte=now).delete()
    return deleted


def _kind() -> Challenge:
    name = conf.robot_challenge()
    made: Challenge = seams.load(KNOWN.get(name, name))()
    return made


def _mac(signed: str) -> str:
    return digests.keyed("accounts.robots", signed)


def _shows(proof: str, difficulty: int) -> bool:
    digest = hashlib.sha256(proof.encode()).digest()
    return int.from_bytes(digest) < 1 << (len(digest) * 8 - difficulty)


def _is_first(challenge: str, end: dt.datetime) -> bool:
    """Keep the challenge as spent, whatever number solved it, and say whether it was not so before."""
    digest = hashlib.sha256(challenge.encode()).hexdigest()
    try:
        with transaction.atomic():
            SpentProof.objects.create(digest=digest, expires_at=end)
    except IntegrityError:
        return False
    return True
