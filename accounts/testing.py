"""Factories of people and sign-ins, for the tests of accounts and of every app above it."""

import datetime as dt
import hashlib
import itertools
import random
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import hashing, impersonation, invitations, links, login, people, refresh, registration, tokens
from accounts.hashers import Argon2
from accounts.message_kinds.invitations import INVITATION_PURPOSE
from accounts.message_kinds.registration import REGISTRATION_PURPOSE
from accounts.models import Invitation, Link, Registration, Session, User
from accounts.pages.invitations import AcceptInvitationPage
from accounts.pages.links import LinkPage
from audit.vocabulary import ActorKind
from kit.clock import utcnow
from kit.origin import Origin
from vault import derived

DAY = dt.timedelta(days=1)
PASSWORD = "correct horse battery staple"
ORIGIN = Origin(address="203.0.113.7", agent="pytest", request_id="test")

MEMORY_COST = Argon2.memory_cost

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a live session and its tokens."""

    user: User
    session: Session
    access: str
    refresh: str
    device_token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return the header that makes a request hers."""
        return {"authorization": f"Bearer {self.access}"}


def hash_quickly() -> None:
    """Make a hash cost microseconds in this process: tests hash thousands of passwords, and few are about the cost."""
    Argon2.memory_cost = 64


@pytest.fixture
def production_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash as the service does. The services that journeys start do so in any case."""
    monkeypatch.setattr(Argon2, "memory_cost", MEMORY_COST)


def make_person(email: str = "", *, password: str = PASSWORD, now: dt.datetime | None = None, **fields: Any) -> User:
    """Make a confirmed person; an address of her own unless one is given."""
    return people.make(
        address=email or f"person-{next(_numbers)}@example.com",
        password_hash=hashing.make(password),
        now=now or utcnow(),
        actor_kind=ActorKind.COMMAND,
        **fields,
    )


def sign_in(user: User | None = None, *, now: dt.datetime | None = None, **more: Any) -> SignedIn:
    """Sign a person in (a new one unless given) through the one door there is."""
    user = user or make_person(now=now)
    now = now or utcnow()
    credentials = login.Credentials(name=user.email, password=PASSWORD, **more)
    result = login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)
    session = result.session
    renewed = refresh.issue(session=session, now=now)
    access = tokens.issue_access(
        subject=user.pk, session=session.pk, amr=session.amr, auth_time=session.auth_time, now=now
    )
    return SignedIn(user, session, access, renewed.text)


def act_for(user: User, *, staff: SignedIn, now: dt.datetime | None = None) -> SignedIn:
    """Let somebody of the staff act for a person; return the session and its one token."""
    wish = impersonation.Wish(reason="She asked for help")
    begun = impersonation.begin(user=user, session=staff.session, wish=wish, now=now or utcnow(), origin=ORIGIN)
    return SignedIn(user, begun.session, begun.access, "")


def new_address() -> str:
    """Return a network address that no test has called from: counters in Redis outlive a test."""
    return f"2001:db8:{random.getrandbits(16):x}:{random.getrandbits(16):x}::1"


def client_of(signed_in: SignedIn | None = None) -> APIClient:
    """Return a client that sends this person's access token."""
    client = APIClient()
    if signed_in is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {signed_in.access}")
    return client


def register(email: str = "", *, now: dt.datetime | None = None, **fields: Any) -> tuple[Registration, str]:
    """Take down a wish for an account; return its row and the token that its mail carries."""
    address = email or f"wish-{next(_numbers)}@example.com"
    wish = registration.Wish(email=address, password=fields.pop("password", PASSWORD), **fields)
    registration.request(wish=wish, now=now or utcnow(), origin=ORIGIN)
    row = Registration.objects.filter(address=address.lower()).latest("created_at")
    return row, derived.again(REGISTRATION_PURPOSE, row.pk, row.key_id)


def newest_link(user: User | None, purpose: Link.Purpose) -> str:
    """Return the token of the newest link of a purpose that was written for a person (or for nobody)."""
    return links.text_of(Link.objects.filter(user=user, purpose=purpose).latest("pk"))


def link_to(page: type[LinkPage], *, now: dt.datetime | None = None, lifetime: dt.timedelta = DAY) -> str:
    """Return the token of a good link to a page, of somebody new; with a negative `lifetime`, of an expired one."""
    now = now or utcnow()
    if page.purposes:
        user = make_person(now=now)
        link = links.issue(purpose=page.purposes[0], address=user.email, user=user, now=now, lifetime=lifetime)
        return links.text_of(link)
    if page is AcceptInvitationPage:
        guest = invitations.Guest(email=f"guest-{next(_numbers)}@example.com", first_name="Anna")
        row: Invitation | Registration = invitations.invite(guest=guest, inviter=None, now=now)
        token = derived.again(INVITATION_PURPOSE, row.pk, row.key_id)
    else:
        row, token = register(now=now)
    type(row).objects.filter(pk=row.pk).update(expires_at=now + lifetime)
    return token


def solve(challenge: str, difficulty: int) -> str:
    """Do the work of a robots' challenge, as a client would; return the proof."""
    for number in itertools.count():
        proof = f"{challenge}:{number}"
        digest = hashlib.sha256(proof.encode()).digest()
        if int.from_bytes(digest) >> (256 - difficulty) == 0:
            return proof
    raise AssertionError
