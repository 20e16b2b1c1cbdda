"""People for the browser to look at: one with all that a person's page can show, and others in every state."""

import json
from dataclasses import dataclass
from typing import Any

from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, new_address

LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PHONE = "Berg/3.2 (iPhone; iOS 19.1)"
FREE_TRIES = 10
# What no call can do: people whom nobody has registered, a token that was spent an hour ago.
_SCRIPT = """
import datetime as dt
from accounts import invitations, people
from accounts.models import RefreshToken, Session, User
from kit.clock import utcnow
from kit.tenants import HOUSE
from notifications import suppressions
from notifications.models import Suppression

now = utcnow()
for reason in Suppression.Reason.values:
    address = f"{{reason}}.with-a-rather-long-name.of@department.example.org"
    said = "550 5.1.1 <somebody@example.org>: Recipient address rejected: User unknown"
    suppressions.learn(tenant=HOUSE, channel="email", address=address, reason=reason, detail=said, now=now)
later = now + dt.timedelta(days=7)
for name, fields in {{
    "carla@example.org": {{"is_active": False, "first_name": "Carla", "last_name": "Nowak"}},
    "dora@example.org": {{"frozen_at": now, "first_name": "Dora"}},
    "emil@example.org": {{"is_active": False, "erase_at": later, "username": "emil"}},
}}.items():
    User.objects.filter(pk=people.make(address=name, password_hash="!", now=now).pk).update(**fields)
for name in ("fritz@example.org", "gerda@example.org"):
    guest = invitations.Guest(email=name, first_name=name.split("@")[0].title(), grants=({{"role": "auditor"}},))
    row = invitations.invite(guest=guest, inviter=None, now=now)
invitations.withdraw(invitation_id=row.pk, actor=None, now=now)
spent = RefreshToken.objects.filter(session={stolen!r}, spent_at__isnull=False)
print("aged:", spent.update(spent_at=now - dt.timedelta(hours=1)), "invitation:", row.pk)
"""


# A link to each page that the service has, made as its mail's is: an expired one, a used one, and a good one.
_LINKS = """
import json
from accounts import tokens
from accounts.models import Invitation, Link, Registration
from accounts.pages.urls import urlpatterns
from accounts.testing import DAY, link_to
from kit.clock import utcnow

pages = {page.name: page.callback.view_class for page in urlpatterns}
over = {name: {"expired": link_to(page, lifetime=-DAY), "used": link_to(page)} for name, page in pages.items()}
used = [tokens.verify(ended["used"], tokens.Kind.LINK) for ended in over.values()]
for model, column in ((Link, "used_at"), (Registration, "confirmed_at"), (Invitation, "accepted_at")):
    model.objects.filter(digest__in=used).update(**{column: utcnow()})
good = {name: link_to(page) for name, page in pages.items()}
url = "/{}?token={}".format
print(json.dumps({
    "links": {name: url(name, token) for name, token in good.items()},
    "over": {name: {how: url(name, token) for how, token in ended.items()} for name, ended in over.items()},
}))
"""


@dataclass(frozen=True)
class Residents:
    """Where the admin shows the person with everything, and where mailed links lead."""

    full: str
    links: dict[str, str]  # to each page behind a mailed link, one that is good
    over: dict[str, dict[str, str]]  # to each again: one that has expired, and one that was used


def move_in(house: Gatehouse) -> Residents:
    """Make them."""
    email = new_address()
    named = {"email": email, "password": PASSWORD, "first_name": "Anna", "last_name": "Berg"}
    _post(house, "/auth/register", named)
    _post(house, "/auth/verify-email", {"token": token_in(house.mailbox.wait(to=email))})
    laptop = _sign_in(house, email, LAPTOP, device_name="Work laptop")
    phone = _sign_in(house, email, PHONE, device_name="Anna’s phone", address="198.51.100.7")
    for _ in range(2):  # two tabs of one browser
        _post(house, "/auth/refresh", {"refresh": laptop["refresh"]}, headers=_headers(LAPTOP, "203.0.113.9"))
    _post(house, "/auth/refresh", {"refresh": phone["refresh"]}, headers=_headers(PHONE, "198.51.100.7"))
    _post(house, "/auth/addresses", {"email": f"second.{email}"}, bearer=laptop["access"])
    for number in range(FREE_TRIES + 1):
        _sign_in(house, email, "curl/8.14", password=f"Wrong-Password-{number}", address="192.0.2.66")
    _sign_in(house, email, LAPTOP, password="Wrong-Password", device_token=laptop["device_token"])
    told = house.manage("shell", "-v", "0", "-c", _SCRIPT.format(stolen=phone["session_id"]))
    assert "aged: 1" in told
    _post(house, "/auth/refresh", {"refresh": phone["refresh"]}, headers=_headers("curl/8.14", "192.0.2.66"))
    house.command("roles_grant", email, "auditor", "--reason", "Reads the log for the yearly review")
    person = house.get("/auth/me", bearer=laptop["access"]).json()["id"]
    mailed = json.loads(house.inside(_LINKS).splitlines()[-1])
    return Residents(full=f"/admin/accounts/user/{person}/change/", **mailed)


def _sign_in(
    house: Gatehouse, email: str, agent: str, *, password: str = PASSWORD, address: str = "203.0.113.9", **more: str
) -> dict[str, Any]:
    body = {"email": email, "password": password, **more}
    return _post(house, "/auth/login", body, headers=_headers(agent, address))


def _headers(agent: str, address: str) -> dict[str, str]:
    return {"User-Agent": agent, "X-Forwarded-For": address}


def _post(house: Gatehouse, path: str, body: dict[str, str], **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = house.post(path, body, **options).json()
    return answer
