"""Examples of invitations."""

from accounts.api.examples import LINK, PASSWORD, USER, answer, body

_INVITATION = {
    "id": "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8da0",
    "email": "bert@example.com",
    "first_name": "Bert",
    "last_name": "",
    "locale": "de-AT",
    "staff": False,
    "roles": [{"role": "auditor", "resource": "", "expires_at": None}],
    "invited_by": USER,
    "created_at": "2026-11-21T10:00:00Z",
    "expires_at": "2026-11-28T10:00:00Z",
}

INVITATIONS = [answer({"next": None, "previous": None, "results": [_INVITATION]})]
INVITE = [
    body({"email": "bert@example.com", "first_name": "Bert", "locale": "de-AT", "roles": [{"role": "auditor"}]}),
    answer(_INVITATION, status=201),
]
RESENT = [answer(_INVITATION)]
ACCEPT = [
    body({"token": LINK, "password": PASSWORD, "last_name": "Kranz"}),
    answer({"detail": "The account is made. You can sign in now."}),
]
