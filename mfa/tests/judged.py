"""A person whose calls are held against what she may: how a random walk (`walker`) knows that something went wrong."""

import random
from collections import Counter
from typing import Any

from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import SentCode, Session
from accounts.testing import PASSWORD, make_person, new_address
from kit import otp
from kit.clock import utcnow
from mfa import policy, proofs, recovery
from mfa.models import MessageFactor, Totp, TrustedDevice
from mfa.testing import code_of, make_contact, make_recovery_codes, make_totp, newest_code
from vault import derived

ENDS_CHALLENGE = {"mfa/challenge", "mfa/verify"}
JUNK: tuple[Any, ...] = (None, [], {}, True, 0, "", " ", "000000", "AAAA-AAAA-AAAA-AAAA", ["123456"], {"code": "1"})
ESSENTIAL = {"challenge", "method", "code", "email", "password", "token"}
WRONG_CODES = ("000000", "11111111", "AAAA-AAAA-AAAA-AAAA")


class Judged:
    """A person whose calls are held against what she may. `seen` counts the ways into sessions, over all walks."""

    def __init__(self, rng: random.Random, seen: Counter[str]) -> None:
        self.rng, self.seen = rng, seen
        self.client = APIClient(REMOTE_ADDR=new_address())
        self.user = make_person(first_name=rng.choice(["Anna", "Ben"]))
        self.password = PASSWORD
        self.held: dict[str, list[str]] = {"access": [], "refresh": [], "challenge": [], "device_token": []}
        self.codes: list[str] = []
        self.spent: set[str] = set()
        self.path: list[str] = []
        if rng.random() < 0.6:
            make_totp(self.user)
            self.codes = make_recovery_codes(self.user)
        if rng.random() < 0.3:
            make_contact(self.user)
        self.known = self.state()

    def state(self) -> tuple[dict[Any, Any], set[Any]]:
        """Return her sessions, each with when a factor was proved in it, and the factors that count."""
        sessions = dict(Session.objects.filter(user=self.user).values_list("pk", "factor_at"))
        mine = {"user": self.user, "confirmed": True}
        contacts = MessageFactor.objects.filter(**mine).order_by().values_list("pk")
        return sessions, set(Totp.objects.filter(**mine).order_by().values_list("pk").union(contacts))

    @property
    def factors(self) -> set[Any]:
        """Return the factors that count."""
        return self.known[1]

    def must_prove(self) -> bool:
        """Say whether a sign-in of hers needs a second factor."""
        return bool(self.factors) or policy.requires(self.user)

    def post(
        self, path: str, body: Any, *, bearer: str = "", entitled: str = "", fresh: bool = False, **may: bool
    ) -> Any:
        """Make a call, perhaps with something wrong in it, and hold what came of it against what she may.

        `entitled` names the way into a session that she is entitled to; empty: to none. `fresh`: she may remove
        factors whatever the body says.
        """
        if isinstance(body, dict) and body and self.rng.random() < 0.15:
            body, field = self.spoilt(body)
            if field in ESSENTIAL:
                entitled, may = "", {}
        answer = self.sent(path, body, bearer)
        self.judge(entitled, **may | ({"removes": True} if fresh else {}))
        if answer.status_code < 300 and isinstance(body, dict):
            self.spent |= {str(body.get("code"))} | ({str(body.get("challenge"))} if path in ENDS_CHALLENGE else set())
        self.keep(answer)
        return answer

    def sent(self, path: str, body: Any, bearer: str) -> Any:
        """Make a call as it is; none may fail."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        call = self.client.delete if path == "DELETE" else self.client.post
        answer = call(f"/api/v1/auth/{'mfa' if path == 'DELETE' else path}", body, format="json", headers=headers)
        assert answer.status_code < 500, (self.path, body, answer.content)
        return answer

    def spoilt(self, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Return a body with something wrong or missing in it, and which field that is."""
        field = self.rng.choice(sorted(body))
        spoilt = body | {field: self.rng.choice(JUNK)}
        if self.rng.random() < 0.5:
            del spoilt[field]
        return spoilt, field

    def judge(self, entitled: str, *, adds: bool = False, removes: bool = False, proves: bool = False) -> None:
        """Hold what has changed against what she may; raises AssertionError with the calls that led to it."""
        (sessions, factors), self.known = self.known, self.state()
        new = {pk: proved for pk, proved in self.known[0].items() if pk not in sessions}
        assert len(new) <= bool(entitled), (self.path, entitled)
        assert proves or all(self.known[0].get(pk) == proved for pk, proved in sessions.items()), self.path
        if entitled not in {"without a factor", "trusted"}:
            assert all(new.values()), (self.path, entitled)
        self.judge_factors(factors, adds=adds, removes=removes)
        if new:
            self.seen[entitled] += 1

    def judge_factors(self, before: set[Any], *, adds: bool, removes: bool) -> None:
        """Hold what has become of her factors against what she may."""
        assert adds or not self.factors - before, self.path
        assert removes or not before - self.factors, self.path
        assert self.factors or not before or not policy.requires(self.user), self.path

    def keep(self, answer: Any) -> None:
        body = answer.json() if answer.content else {}
        for kind in self.held:
            if kind in body:
                self.held[kind].append(body[kind])
        if "access" in body:
            assert Session.objects.filter(user=self.user, pk=body["session_id"], ended_at=None).exists(), self.path
        self.codes = body.get("recovery_codes") or self.codes

    def is_fresh(self, bearer: str) -> bool:
        """Say whether a factor was proved lately in the session of an access token."""
        if bearer == "none":
            return False
        session = Session.objects.get(pk=tokens.verify_access(bearer, now=utcnow()).session)
        return proofs.is_recent(session, now=utcnow())

    def way(self, device_token: str) -> str:
        """Return how a first proof alone opens a session from a device; empty where a factor is due."""
        if not self.must_prove():
            return "without a factor"
        return "trusted" if self.factors and self.is_trusted(device_token) else ""

    def is_trusted(self, device_token: str) -> bool:
        """Say whether she has trusted a device since her password was new and nobody ended a session on it."""
        row = TrustedDevice.objects.filter(device__user=self.user, device__digest=derived.digest(device_token)).first()
        if row is None:
            return False
        self.user.refresh_from_db()
        ended = Session.objects.filter(device=row.device, ended_at__gte=row.created_at).exclude(end_reason="logout")
        return not ended.exists() and (self.user.password_changed_at or row.created_at) <= row.created_at

    def code(self) -> tuple[dict[str, str], bool]:
        """Return a method and a code, and whether the code is right."""
        given, right = self.made_code()
        return given, right and given["code"] not in self.spent

    def made_code(self) -> tuple[dict[str, str], bool]:
        """Return one by the rows, whether or not it was used before."""
        device = Totp.objects.filter(user=self.user, confirmed=True).first()
        if self.rng.random() < 0.35:
            return {"method": self.rng.choice(policy.METHODS), "code": self.rng.choice(WRONG_CODES)}, False
        now, pending = utcnow(), Totp.objects.filter(user=self.user, confirmed=False).first()
        if pending is not None and self.rng.random() < 0.2:
            return {"method": "totp", "code": code_of(pending, now)}, False
        if device is not None and self.rng.random() < 0.5:
            steps = next((steps for steps in (0, 1) if otp.step_at(now) + steps > device.last_step), None)
            return {"method": "totp", "code": code_of(device, now, steps=steps or 0)}, steps is not None
        if SentCode.objects.filter(user=self.user, purpose=SentCode.Purpose.FACTOR).exists():
            return {"method": "email", "code": newest_code(self.user)}, True
        return self.recovery_code()

    def recovery_code(self) -> tuple[dict[str, str], bool]:
        """Return a recovery code, now and then one that was used, and whether it is right."""
        used = sorted(filter(recovery.is_form, self.spent))
        if used and self.rng.random() < 0.6:
            return {"method": "recovery", "code": self.rng.choice(used)}, False
        if self.codes:
            return {"method": "recovery", "code": self.codes.pop() if self.rng.random() < 0.9 else self.codes[0]}, True
        return {"method": "totp", "code": "222222"}, False
