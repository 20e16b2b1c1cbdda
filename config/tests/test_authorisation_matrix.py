"""Who may call what: every call, made as everybody, held against one table. A call that the table does not know fails.

What somebody of the staff may who acts for another person follows from the line of the call: she looks at what that
person may see, and does nothing, but for the few calls that are named apart.

The calls are made without a body, so that one that is let in may still be told of a mistake (400) or a conflict (409):
what counts here is the door.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts import impersonation, people, sessions, tokens
from accounts.models import Handle, Session, User
from accounts.testing import new_address
from config.tests.test_architecture import routes
from kit.clock import utcnow
from kit.ids import uuid7
from kit.origin import NOWHERE
from mfa.testing import make_totp
from notifications import inbox, push_targets
from notifications.testing import make_message
from roles.builtin import ROLES
from roles.models import AccessRequest
from roles.testing import allow, give_role

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
API = "/api/v1"
# Anybody; nobody, where it is off or has a credential of its own kind; whoever is signed in; whom the thing belongs to,
# and nobody else so much as knows that it is there.
OPEN, CLOSED, SIGNED_IN, OWN = "open", "closed", "signed in", "own"


@dataclass(frozen=True)
class Needs:
    """A permission without which a call is refused; `hides`: without which nobody knows what is there.

    `or_own`: who lacks it gets past all the same where the thing is hers.
    """

    permission: str
    hides: bool = False
    or_own: bool = False

    def is_held_by(self, role: str) -> bool:
        """Tell whether a built-in role holds the permission, by what the code says of it."""
        namespace = self.permission.partition(".")[0]
        own = not ROLES[role].permissions.isdisjoint({"*", f"{namespace}.*", self.permission})
        return own or any(self.is_held_by(inherited) for inherited in ROLES[role].inherits)


@dataclass(frozen=True)
class Parties:
    """A thing that several see: those who may do this with it, and those who may only look at it. It hides."""

    act: frozenset[str]
    look: frozenset[str]

    def expected(self, caller: str) -> str:
        """Return how far a caller gets."""
        if caller in self.act:
            return "in"
        return "403" if caller in self.look else "404"


BUILT_IN = ("user-manager", "auditor", "administrator")
# Who acts for another person, and for whom of the callers.
ACTING = {"impersonator": "member", "impersonator of the administrator": "administrator"}
# Questions that are asked by POST, and the end of acting; then what nobody looks at for another person.
HARMLESS = {f"POST {API}/{path}" for path in ("auth/logout", "auth/permissions/check", "roles/explain")}
HERS_ALONE = {f"GET {API}/auth/export"}

INVITES = Needs("accounts.add_user")
VIEWS, CHANGES, DELETES = (Needs(f"accounts.{verb}_user", hides=True) for verb in ("view", "change", "delete"))
SENDS = Needs("notifications.send_message")
REQUESTS = f"{API}/access-requests/<uuid:request_id>"
DECIDES = Parties(frozenset({"superuser", "administrator"}), frozenset({"member", "auditor"}))
WITHDRAWS = Parties(frozenset({"member"}), frozenset({"superuser", "administrator", "auditor"}))

TABLE: dict[str, str | Needs | Parties] = {
    "GET /": OPEN,
    "GET /health": OPEN,
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /metrics": CLOSED,
    "GET /.well-known/jwks.json": OPEN,
    f"GET {API}/schema": OPEN,
    f"GET {API}/docs": OPEN,
    f"POST {API}/auth/register": OPEN,
    f"POST {API}/auth/verify-email": OPEN,
    f"POST {API}/auth/resend-verification": OPEN,
    f"GET {API}/auth/robot-challenge": OPEN,
    f"POST {API}/auth/invitations/accept": OPEN,
    f"GET {API}/auth/addresses": SIGNED_IN,
    f"POST {API}/auth/addresses": SIGNED_IN,
    f"POST {API}/auth/addresses/confirm": OPEN,
    f"DELETE {API}/auth/addresses/<uuid:address_id>": OWN,
    f"POST {API}/auth/addresses/<uuid:address_id>/primary": OWN,
    f"POST {API}/auth/email/change": SIGNED_IN,
    f"POST {API}/auth/phone/send": SIGNED_IN,
    f"POST {API}/auth/phone/confirm": SIGNED_IN,
    f"POST {API}/auth/login": OPEN,
    f"POST {API}/auth/refresh": OPEN,
    f"POST {API}/auth/logout": SIGNED_IN,
    f"POST {API}/auth/reauthenticate": SIGNED_IN,
    f"POST {API}/auth/verify": OPEN,
    f"POST {API}/auth/mfa/challenge": OPEN,
    f"POST {API}/auth/mfa/challenge/send": OPEN,
    f"POST {API}/auth/mfa/send": SIGNED_IN,
    f"POST {API}/auth/mfa/setup": SIGNED_IN,
    f"POST {API}/auth/mfa/verify": SIGNED_IN,
    f"POST {API}/auth/mfa/recovery-codes": SIGNED_IN,
    f"GET {API}/auth/mfa": SIGNED_IN,
    f"DELETE {API}/auth/mfa": SIGNED_IN,
    f"DELETE {API}/auth/mfa/<uuid:factor_id>": OWN,
    f"POST {API}/auth/mfa/webauthn/options": SIGNED_IN,
    f"POST {API}/auth/mfa/webauthn": SIGNED_IN,
    f"POST {API}/auth/passkey/options": OPEN,
    f"POST {API}/auth/passkey": OPEN,
    f"POST {API}/auth/sign-in-link/request": OPEN,
    f"POST {API}/auth/sign-in-link": OPEN,
    f"POST {API}/auth/sign-in-code": OPEN,
    f"POST {API}/auth/password/change": SIGNED_IN,
    f"POST {API}/auth/password/reset-request": OPEN,
    f"POST {API}/auth/password/reset": OPEN,
    f"POST {API}/auth/unlock": OPEN,
    f"POST {API}/auth/undo": OPEN,
    f"GET {API}/auth/profile": SIGNED_IN,
    f"PATCH {API}/auth/profile": SIGNED_IN,
    f"GET {API}/auth/me": SIGNED_IN,
    f"PATCH {API}/auth/me": SIGNED_IN,
    f"GET {API}/auth/activity": SIGNED_IN,
    f"GET {API}/auth/export": SIGNED_IN,
    f"DELETE {API}/auth/account": SIGNED_IN,
    f"POST {API}/auth/account/keep": OPEN,
    f"GET {API}/auth/sessions": SIGNED_IN,
    f"DELETE {API}/auth/sessions": SIGNED_IN,
    f"GET {API}/auth/sessions/ended": SIGNED_IN,
    f"DELETE {API}/auth/sessions/<uuid:session_id>": OWN,
    f"GET {API}/auth/permissions": SIGNED_IN,
    f"POST {API}/auth/permissions/check": SIGNED_IN,
    f"GET {API}/permissions": Needs("roles.view_permission"),
    f"POST {API}/permissions": Needs("roles.add_permission"),
    f"DELETE {API}/permissions/<str:permission>": Needs("roles.delete_permission"),
    f"GET {API}/roles": Needs("roles.view_role"),
    f"POST {API}/roles": Needs("roles.add_role"),
    f"POST {API}/roles/assign": SIGNED_IN,
    f"POST {API}/roles/explain": SIGNED_IN,
    f"DELETE {API}/roles/revoke": SIGNED_IN,
    f"GET {API}/roles/grants": Needs("roles.view_grant"),
    f"GET {API}/groups": Needs("roles.view_group"),
    f"POST {API}/groups": Needs("roles.add_group"),
    f"GET {API}/groups/<str:group>": Needs("roles.view_group"),
    f"PATCH {API}/groups/<str:group>": Needs("roles.change_group"),
    f"DELETE {API}/groups/<str:group>": Needs("roles.delete_group"),
    f"GET {API}/groups/<str:group>/members": Needs("roles.view_membership"),
    f"POST {API}/groups/<str:group>/members": Needs("roles.add_membership"),
    f"DELETE {API}/groups/<str:group>/members/<uuid:user_id>": Needs("roles.delete_membership"),
    f"GET {API}/placements": Needs("roles.view_placement"),
    f"POST {API}/placements": Needs("roles.add_placement"),
    f"DELETE {API}/placements": Needs("roles.delete_placement"),
    f"GET {API}/roles/<str:role>": Needs("roles.view_role"),
    f"PATCH {API}/roles/<str:role>": Needs("roles.change_role"),
    f"DELETE {API}/roles/<str:role>": Needs("roles.delete_role"),
    f"GET {API}/users": Needs("accounts.view_user"),
    f"POST {API}/users": INVITES,
    f"GET {API}/users/me": SIGNED_IN,
    f"PATCH {API}/users/me": SIGNED_IN,
    f"GET {API}/users/<uuid:user_id>": VIEWS,
    f"PUT {API}/users/<uuid:user_id>": CHANGES,
    f"PATCH {API}/users/<uuid:user_id>": CHANGES,
    f"DELETE {API}/users/<uuid:user_id>": DELETES,
    f"POST {API}/users/<uuid:user_id>/activate": CHANGES,
    f"POST {API}/users/<uuid:user_id>/deactivate": CHANGES,
    f"POST {API}/users/<uuid:user_id>/unlock": CHANGES,
    f"POST {API}/users/<uuid:user_id>/sign-out": CHANGES,
    f"POST {API}/users/<uuid:user_id>/reset-mfa": CHANGES,
    f"POST {API}/users/<uuid:user_id>/send-password-reset": CHANGES,
    f"POST {API}/users/<uuid:user_id>/impersonate": Needs("accounts.impersonate_user", hides=True),
    f"GET {API}/invitations": INVITES,
    f"POST {API}/invitations": INVITES,
    f"DELETE {API}/invitations/<uuid:invitation_id>": INVITES,
    f"POST {API}/invitations/<uuid:invitation_id>/resend": INVITES,
    f"GET {API}/access-requests": SIGNED_IN,
    f"POST {API}/access-requests": SIGNED_IN,
    f"GET {API}/access-requests/roles": SIGNED_IN,
    f"GET {REQUESTS}": Needs("roles.view_accessrequest", hides=True, or_own=True),
    f"POST {REQUESTS}/approve": DECIDES,
    f"POST {REQUESTS}/refuse": DECIDES,
    f"POST {REQUESTS}/withdraw": WITHDRAWS,
    f"POST {API}/encrypt": Needs("vault.encrypt"),
    f"POST {API}/decrypt": Needs("vault.decrypt"),
    f"GET {API}/provider": Needs("notifications.view_provider"),
    f"GET {API}/push-targets": SIGNED_IN,
    f"POST {API}/push-targets": SIGNED_IN,
    f"GET {API}/push-targets/key": SIGNED_IN,
    f"DELETE {API}/push-targets/<uuid:target_id>": OWN,
    f"GET {API}/inbox": SIGNED_IN,
    f"GET {API}/inbox/unread-count": SIGNED_IN,
    f"GET {API}/inbox/stream": CLOSED,  # a process of its own serves it
    f"POST {API}/inbox/read-all": SIGNED_IN,
    f"POST {API}/inbox/<uuid:item_id>/read": OWN,
    f"POST {API}/inbox/<uuid:item_id>/unread": OWN,
    f"POST {API}/inbox/<uuid:item_id>/archive": OWN,
    f"POST {API}/inbox/<uuid:item_id>/unarchive": OWN,
    f"GET {API}/preferences": SIGNED_IN,
    f"PUT {API}/preferences": SIGNED_IN,
    f"GET {API}/notify/suppressions": Needs("notifications.view_suppression"),
    f"POST {API}/notify/suppressions": Needs("notifications.add_suppression"),
    f"DELETE {API}/notify/suppressions/<uuid:suppression_id>": Needs("notifications.delete_suppression"),
    f"GET {API}/notify/usage": Needs("notifications.view_usage"),
    f"POST {API}/notify/callbacks/<str:provider>": CLOSED,
    f"POST {API}/notify": SENDS,
    f"POST {API}/notify/email": SENDS,
    f"POST {API}/notify/sms": SENDS,
    f"POST {API}/notify/push": SENDS,
    f"POST {API}/notify/batch": SENDS,
    f"GET {API}/notify/messages": SIGNED_IN,
    f"POST {API}/notify/messages/<uuid:message_id>/cancel": SENDS,
    f"POST {API}/notify/messages/<uuid:message_id>/resend": SENDS,
    f"GET {API}/notify/templates": Needs("notifications.send_message"),
    f"POST {API}/notify/templates": Needs("notifications.change_template"),
    f"GET {API}/notify/templates/<str:name>": Needs("notifications.send_message"),
    f"POST {API}/notify/templates/<str:name>/preview": Needs("notifications.send_message"),
    f"POST {API}/notify/templates/<str:name>/versions": Needs("notifications.change_template"),
    f"POST {API}/notify/templates/<str:name>/versions/<int:number>/publish": Needs("notifications.change_template"),
    f"POST {API}/notify/templates/<str:name>/versions/<int:number>/retire": Needs("notifications.change_template"),
    f"GET {API}/notify/messages/<uuid:message_id>": Needs("notifications.view_message", hides=True, or_own=True),
}
# Pages that anybody may open from a mail; their buttons do what the call of the same link does.
PAGES = (
    *("verify-email", "confirm-address", "accept-invitation", "keep-account", "reset-password", "unlock", "undo"),
    "unsubscribe",
)
TABLE |= {f"{method} /{page}": OPEN for page in PAGES for method in ("GET", "POST")}
# The second step of a sign-in to the admin: whoever has none under way is led to its door, a script told so.
STEPS = ("second-factor", "second-factor/set-up", "second-factor/confirm", "second-factor/passkey", "passkey")
TABLE |= {f"{method} /admin/{page}/": OPEN for page in STEPS for method in ("GET", "POST")}
TABLE |= {"POST /admin/second-factor/send/": OPEN, "POST /admin/passkey/options/": OPEN}
TABLE |= {f"POST /admin/second-factor/{page}options/": CLOSED for page in ("", "passkey/")}
ELSEWHERE = {f"{method} /admin" for method in METHODS}  # leads to the admin's own door
INSIDE = "/admin/second-factors/"  # behind the admin's own check, which leads everybody else to its door


def calls() -> Iterator[str]:
    """Yield every call of the API and every page, as the table names them."""
    for path, view in routes(get_resolver().url_patterns):
        owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
        yield from (f"{method} /{path}" for method in METHODS if hasattr(owner, method.lower()))


@dataclass
class House:
    """Everybody who calls, and things that are the member's."""

    needed: str = ""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        user, target = self.enter("member"), person()
        self.enter("other member")
        self.enter("staff without grants", is_staff=True)
        self.enter("superuser", is_superuser=True)
        if self.needed:
            allow(self.enter("who holds the permission"), self.needed)
        User.objects.filter(pk=self.enter("disabled person").pk).update(is_active=False)
        self.headers["stranger"] = {}
        callers = {"member": user} | {role: self.enter(role) for role in BUILT_IN}
        for role in BUILT_IN:
            give_role(callers[role], role)
        self.headers |= {name: act_for(callers[whom]) for name, whom in ACTING.items()}
        address = Handle.objects.create(
            user=user, kind=Handle.Kind.EMAIL, canonical=f"{uuid7()}@example.com", confirmed_at=utcnow()
        )
        session, _ = begin(user)
        message = make_message(caller=user.pk)
        self.ids = {"address_id": address.pk, "session_id": session.pk, "message_id": message.pk}
        self.ids |= {"user_id": target.pk, "invitation_id": uuid7(), "factor_id": make_totp(user).pk}
        self.ids["suppression_id"] = uuid7()
        words = inbox.Words(title="Hello")
        self.ids["item_id"] = inbox.put(message=message.pk, person=user.pk, words=words, now=utcnow())
        self.ids["request_id"] = request_of(user).pk
        self.ids["target_id"] = push_targets.register_phone(person=user.pk, token=str(uuid7()), now=utcnow()).target.pk
        Session.objects.filter(user=user, parent=None).update(factor_at=utcnow())  # or it would be asked for

    def enter(self, name: str, **flags: Any) -> User:
        """Let somebody new sign in and be called by a name; without the price of a password."""
        user = person(**flags)
        _, self.headers[name] = begin(user)
        return user

    def status(self, call: str, caller: str) -> int:
        """Return what a caller is answered."""
        method, _, path = call.partition(" ")
        for name, value in self.ids.items():
            path = path.replace(f"<uuid:{name}>", str(value))
        path = path.replace("<int:number>", "1")
        client = Client(REMOTE_ADDR=new_address(), raise_request_exception=False)
        answer = client.generic(method, path, b"", content_type="application/json", headers=self.headers[caller])
        assert answer.status_code < 500, answer.content
        return answer.status_code


def person(**flags: Any) -> User:
    return people.make(address=f"{uuid7()}@example.com", password_hash="!", now=utcnow(), **flags)


def request_of(user: User) -> AccessRequest:
    """Return a request of a person for a role, which waits for somebody to decide."""
    now = utcnow()
    wish = {"role_id": "notifier", "minutes": 60, "reason": "For a while"}
    end = now + dt.timedelta(days=1)
    return AccessRequest.objects.create(user=user, **wish, asked_by=user.pk, asked_at=now, lapses_at=end)


def begin(user: User) -> tuple[Session, dict[str, str]]:
    """Begin a session and return it with the header that makes a request of it."""
    now = utcnow()
    proofs = sessions.Proofs(methods=("pwd",), at=now)
    session = sessions.start(user=user, proofs=proofs, door=Session.Door.API, origin=NOWHERE, now=now)
    access = tokens.issue_access(subject=user.pk, session=session.pk, amr=["pwd"], auth_time=now, now=now)
    return session, {"authorization": f"Bearer {access}"}


def act_for(user: User) -> dict[str, str]:
    """Let somebody who may do everything act for a person, and return the header that makes a request of it."""
    staff, _ = begin(person(is_superuser=True))
    wish = impersonation.Wish(reason="She asked for help")
    begun = impersonation.begin(user=user, session=staff, wish=wish, now=utcnow(), origin=NOWHERE)
    return {"authorization": f"Bearer {begun.access}"}


def expected(call: str, caller: str) -> str:
    """Return `in`, or the status at which a caller is stopped."""
    rule = TABLE[call]
    if rule in {OPEN, CLOSED}:
        return "in" if rule == OPEN else "out"
    if caller in {"stranger", "disabled person"}:
        return "401"
    if caller in ACTING:
        only_looks = call.startswith("GET ") and call not in HERS_ALONE
        return expected(call, ACTING[caller]) if only_looks or call in HARMLESS else "403"
    return _expected_of_one_signed_in(rule, caller)


def _expected_of_one_signed_in(rule: str | Needs | Parties, caller: str) -> str:
    if isinstance(rule, Needs):
        return _expected_of_permission(rule, caller)
    if isinstance(rule, Parties):
        return rule.expected(caller)
    return "in" if rule == SIGNED_IN or caller == "member" else "404"


def _expected_of_permission(rule: Needs, caller: str) -> str:
    holds = caller in {"superuser", "who holds the permission"} or (caller in BUILT_IN and rule.is_held_by(caller))
    if holds or (rule.or_own and caller == "member"):
        return "in"
    return "404" if rule.hides else "403"


def seen(rule: str | Needs | Parties, status: int) -> str:
    """Return how far a caller got, in the words of `expected`."""
    if rule == CLOSED:
        return "out" if status in {401, 403, 404} else "in"
    knows_nothing = isinstance(rule, Needs) and not rule.hides  # an id that nobody has is no door
    return str(status) if status in {401, 403} or (status == 404 and not knows_nothing) else "in"


def test_every_call_is_in_the_table() -> None:
    found = {call for call in calls() if INSIDE not in call} - ELSEWHERE
    assert found - TABLE.keys() == set(), "say in TABLE who may make these calls"
    assert TABLE.keys() - found == set(), "there are no such calls any more"


@pytest.mark.parametrize("call", TABLE)
def test_everybody_gets_as_far_as_the_table_says(call: str) -> None:
    rule = TABLE[call]
    house = House(rule.permission if isinstance(rule, Needs) else "")
    # Who only looks comes first, and who may end it last.
    callers = sorted(house.headers, key=lambda name: (name == "member", name not in ACTING))
    got = {caller: seen(rule, house.status(call, caller)) for caller in callers}
    assert got == {caller: expected(call, caller) for caller in callers}
