"""People and roles for the journeys about permissions, made and asked about over HTTP."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import requests

from config.testing.processes import API, Gatehouse
from config.testing.walks import Person, new_person, new_staff, sign_in

SEND = "notifications.send_message"
REFUSED = (403, "permission_denied")


@dataclass(frozen=True)
class One:
    """Somebody signed in, with her id."""

    id: str
    access: str
    email: str


def one(house: Gatehouse, person: Person, *roles: str) -> One:
    """Return somebody signed in, with these roles."""
    for role in roles:
        house.command("roles_grant", person.email, role)
    told = house.get("/auth/me", bearer=person.access).json()
    return One(told["id"], person.access, person.email)


def new_one(house: Gatehouse, *roles: str) -> One:
    """Return somebody new, with these roles."""
    return one(house, new_person(house), *roles)


def new_role(house: Gatehouse, root: One, *permissions: str, **more: Any) -> str:
    """Make a role over HTTP; return its name."""
    name = f"role-{uuid4().hex[:12]}"
    answer = house.post("/roles", {"name": name, "permissions": list(permissions), **more}, bearer=root.access)
    assert answer.status_code == 201, answer.text
    return name


def assign(house: Gatehouse, by: One, to: One, role: str, **more: Any) -> requests.Response:
    """Give a role over HTTP."""
    return house.post("/roles/assign", {"user": to.id, "role": role, **more}, bearer=by.access)


def revoke(house: Gatehouse, by: One, person: One, role: str) -> requests.Response:
    """Take a role back over HTTP."""
    return house.request("DELETE", f"{API}/roles/revoke", bearer=by.access, json={"user": person.id, "role": role})


def may(house: Gatehouse, person: One, permission: str = SEND, **more: Any) -> bool:
    """Return the answer to whether she may."""
    answer = house.post("/auth/permissions/check", {"permission": permission, **more}, bearer=person.access)
    assert answer.status_code == 200, answer.text
    allowed: bool = answer.json()["allowed"]
    return allowed


def outcome(answer: requests.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]


def new_root(house: Gatehouse) -> One:
    """Return somebody who may do everything."""
    return one(house, sign_in(house, new_staff(house).email))
