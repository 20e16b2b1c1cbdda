"""The steps of a person with a second factor through the service over HTTP.

A code is good once, so a test that needs several takes them from the half minutes around now, the earliest first; the
service lets a clock be off by one.
"""

import base64
import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import requests

from config.testing.children import wait_until
from config.testing.mailbox import text_of
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_person
from kit import otp
from kit.clock import utcnow

_CODE = re.compile(r"^(\d{6})\b", re.MULTILINE)


@dataclass
class Application:
    """An authenticator application: it shows codes, each to be used once."""

    secret: str
    used: int = field(default=-1)

    def code(self) -> str:
        """Return a code that is good now and was not used, waiting for one where there is none."""
        step = max(self.used + 1, otp.step_at(utcnow()) - 1)
        while step > otp.step_at(utcnow()) + 1:
            time.sleep(0.5)
        self.used = step
        return self.shown(step)

    def shown(self, step: int) -> str:
        """Return what it shows in a step."""
        return otp.code_of(base64.b32decode(self.secret + "=" * (-len(self.secret) % 8)), step)

    def wrong(self) -> Iterator[str]:
        """Yield codes that are not right, for as long as a test takes."""
        at = otp.step_at(utcnow())
        right = {self.shown(step) for step in range(at - 2, at + 40)}
        return (code for code in (f"{number:06d}" for number in itertools.count()) if code not in right)


@dataclass(frozen=True)
class Enrolled:
    """Somebody with an authenticator application."""

    person: Person
    application: Application
    recovery_codes: list[str]

    @property
    def email(self) -> str:
        """Return her address."""
        return self.person.email


def enrol(house: Gatehouse, person: Person | None = None) -> Enrolled:
    """Set up an authenticator application of a person, a new one unless given."""
    person = person or new_person(house)
    answer = house.post("/auth/mfa/setup", {"method": "totp", "password": person.password}, bearer=person.access)
    assert answer.status_code == 200, answer.text
    application = Application(answer.json()["secret"])
    answer = house.post("/auth/mfa/verify", {"code": application.code()}, bearer=person.access)
    assert answer.status_code == 200, answer.text
    return Enrolled(person, application, answer.json()["recovery_codes"])


def enrol_mail(house: Gatehouse, person: Person | None = None) -> Person:
    """Set up codes by mail for a person, a new one unless given."""
    person = person or new_person(house)
    before = len(codes_to(house, person.email))
    body = {"method": "email", "password": person.password}
    assert house.post("/auth/mfa/setup", body, bearer=person.access).status_code == 202
    code = newest_code(house, person.email, count=before + 1)
    assert house.post("/auth/mfa/verify", {"code": code}, bearer=person.access).status_code == 200
    return person


def codes_to(house: Gatehouse, email: str) -> list[str]:
    """Return the six digits of each mail to an address that has any, the oldest first."""
    return [match.group(1) for mail in house.mailbox.mails(to=email) if (match := _CODE.search(text_of(mail)))]


def newest_code(house: Gatehouse, email: str, *, count: int) -> str:
    """Return the six digits of the newest mail to an address that has any, once there are so many of those."""

    def found() -> list[str]:
        codes = codes_to(house, email)
        return codes if len(codes) >= count else []

    return wait_until(f"{count} codes to {email}", found, seconds=30)[-1]


def mail_with(house: Gatehouse, email: str, words: str) -> EmailMessage:
    """Return the newest mail to an address whose text holds these words, once there is one."""

    def found() -> list[EmailMessage]:
        return [mail for mail in house.mailbox.mails(to=email) if words in text_of(mail)]

    return wait_until(f"a mail to {email} with {words!r}", found, seconds=30)[-1]


def texts_to(house: Gatehouse, number: str, *, count: int = 1) -> list[dict[str, Any]]:
    """Return the short messages to a number, once so many have come (the file provider's)."""

    def found() -> list[dict[str, Any]]:
        written = [json.loads(path.read_bytes()) for path in sorted(Path(house.home / "mail").glob("*.json"))]
        mine = [one for one in written if one["to"] == number]
        return mine if len(mine) >= count else []

    return wait_until(f"{count} messages to {number}", found, seconds=30)


def begin(house: Gatehouse, email: str, *, password: str = PASSWORD, **more: str) -> str:
    """Give the password of a person whose second factor is due; return the challenge."""
    answer = house.post("/auth/login", {"email": email, "password": password, **more})
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa_required"), answer.text
    challenge: str = answer.json()["challenge"]
    return challenge


def answer(house: Gatehouse, challenge: Any, code: Any, *, method: Any = "totp", **more: Any) -> requests.Response:
    """Answer a challenge."""
    return house.post("/auth/mfa/challenge", {"challenge": challenge, "method": method, "code": code, **more})


def send(house: Gatehouse, email: str, challenge: str) -> tuple[str, requests.Response]:
    """Have a code mailed, as if the last one had gone a minute ago; return it, and the answer of the call."""
    house.inside("from limits.models import Counter; Counter.objects.filter(key__startswith='codes:60:').delete()")
    before = len(codes_to(house, email))
    answered = house.post("/auth/mfa/challenge/send", {"challenge": challenge, "method": "email"})
    assert answered.status_code == 202, answered.text
    return newest_code(house, email, count=before + 1), answered
