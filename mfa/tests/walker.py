"""Somebody who makes calls at random: she knows the password and reads the mail, and now and then she has a factor too.

After each call everything that came of it is held against what she was entitled to: sessions, factors, and which
sessions say that a factor was proved. What entitles her is read from the rows and not from the answers. Only which
codes and challenges have been good once is remembered here: rows that forget it are what is looked for.
"""

import datetime as dt
import random
from collections import Counter
from typing import Any

from rest_framework.test import APIClient

from accounts import conf, tokens
from accounts.models import Link, LoginAttempt, SentCode, Session
from accounts.reauthentication import BY_MAIL
from accounts.testing import PASSWORD, make_person, new_address, newest_link
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
WRONG = "Not-Her-Password-1"
CALLS = (
    *("login", "login", "login", "challenge", "challenge", "challenge", "challenge", "send", "refresh", "reset"),
    *(
        "verify_email",
        "set_up",
        "set_up",
        "confirm",
        "confirm",
        "remove",
        "remove",
        "new_codes",
        "reauthenticate",
        "probe",
    ),
    *("empty", "log_out", "wait", "by_mail", "by_mail", "replay", "replay"),
)


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
            body = dict(body)
            field = self.rng.choice(sorted(body))
            body[field] = self.rng.choice(JUNK)
            if field in ESSENTIAL:
                entitled, may = "", {}
            if self.rng.random() < 0.5:
                del body[field]
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        call = self.client.delete if path == "DELETE" else self.client.post
        answer = call(f"/api/v1/auth/{'mfa' if path == 'DELETE' else path}", body, format="json", headers=headers)
        assert answer.status_code < 500, (self.path, body, answer.content)
        self.judge(entitled, **may | ({"removes": True} if fresh else {}))
        if answer.status_code < 300 and isinstance(body, dict):
            self.spent |= {str(body.get("code"))} | ({str(body.get("challenge"))} if path in ENDS_CHALLENGE else set())
        self.keep(answer)
        return answer

    def judge(self, entitled: str, *, adds: bool = False, removes: bool = False, proves: bool = False) -> None:
        """Hold what has changed against what she may; raises AssertionError with the calls that led to it."""
        (sessions, factors), self.known = self.known, self.state()
        new = {pk: proved for pk, proved in self.known[0].items() if pk not in sessions}
        assert len(new) <= bool(entitled), (self.path, entitled)
        assert proves or all(self.known[0].get(pk) == proved for pk, proved in sessions.items()), self.path
        if entitled not in {"without a factor", "trusted"}:
            assert all(new.values()), (self.path, entitled)
        assert adds or not self.factors - factors, self.path
        assert removes or not factors - self.factors, self.path
        if factors and not self.factors:
            assert not policy.requires(self.user), self.path
        if new:
            self.seen[entitled] += 1

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


class Walker(Judged):
    """Somebody who makes a sequence of calls."""

    def walk(self, length: int) -> None:
        for _ in range(length):
            name = self.rng.choice(CALLS)
            self.path.append(name)
            getattr(self, name)()

    def one_of(self, kind: str) -> str:
        texts = self.held[kind] or ["none"]
        return texts[-1] if self.rng.random() < 0.7 else self.rng.choice(texts)  # older ones are often over

    def login(self) -> None:
        right = self.rng.random() < 0.85
        token = self.one_of("device_token") if self.rng.random() < 0.5 else ""
        body = {"email": self.user.email, "password": self.password if right else WRONG}
        way = self.way(token) if right else ""
        self.post("login", {**body, "device_token": token} if token else body, entitled=way)

    def by_mail(self) -> None:
        """Sign in by what a mail holds, which is no second factor."""
        self.post("sign-in-link/request", {"email": self.user.email})
        if Link.objects.filter(user=self.user, purpose=Link.Purpose.SIGN_IN).exists():
            token = self.one_of("device_token")
            client = {"device_token": token}
            if self.rng.random() < 0.5:
                link = {"token": newest_link(self.user, Link.Purpose.SIGN_IN)}
                self.post("sign-in-link", link | client, entitled=self.way(token))
            else:
                code = newest_code(self.user, SentCode.Purpose.SIGN_IN)
                mailed = {"email": self.user.email, "code": code}
                self.post("sign-in-code", mailed | client, entitled=self.way(token))

    def challenge(self) -> None:
        given, right = self.code()
        challenge = self.one_of("challenge")
        begun = LoginAttempt.objects.filter(digest=derived.digest(challenge)).first()
        if begun is not None and begun.proofs["methods"] == [BY_MAIL] and given["method"] == "email":
            right = False  # one mailbox is one factor
        right = right and challenge not in self.spent
        body = {"challenge": challenge, **given, "trust_device": self.rng.random() < 0.3}
        self.post("mfa/challenge", body, entitled=given["method"] if right else "")

    def replay(self) -> None:
        """Sign in and answer with what was good before."""
        used = sorted(code for code in self.spent if recovery.is_form(code) or code.isdigit())
        if used:
            self.login()
            code = self.rng.choice(used)
            method = "recovery" if recovery.is_form(code) else self.rng.choice(["totp", "email"])
            newest = (self.held["challenge"] or ["none"])[-1]
            self.post("mfa/challenge", {"challenge": newest, "method": method, "code": code})

    def send(self) -> None:
        self.post("mfa/challenge/send", {"challenge": self.one_of("challenge"), "method": "email"})

    def refresh(self) -> None:
        self.post("refresh", {"refresh": self.one_of(self.rng.choice(list(self.held)))})

    def reset(self) -> None:
        self.post("password/reset-request", {"email": self.user.email})
        if Link.objects.filter(user=self.user, purpose=Link.Purpose.RESET).exists():
            new = f"{PASSWORD} {self.rng.random()}"
            body = {"token": newest_link(self.user, Link.Purpose.RESET), "new_password": new}
            answer = self.post("password/reset", body | {"device_token": self.one_of("device_token")})
            self.password = new if answer.status_code == 204 else self.password

    def verify_email(self) -> None:
        self.post("verify-email", {"token": self.one_of("challenge")})

    def set_up(self) -> None:
        body: dict[str, Any] = {"method": "totp", "password": self.password}
        had_one, may = bool(self.factors), False
        if self.rng.random() < 0.5:
            answer = self.post("mfa/setup", {**body, "challenge": self.one_of("challenge")})
        else:
            given, right = self.code() if self.rng.random() < 0.5 else ({}, False)
            bearer = self.one_of("access")
            may = right or self.is_fresh(bearer)
            answer = self.post("mfa/setup", body | given | {"method": "totp"}, bearer=bearer, proves=right)
        assert may or not had_one or answer.status_code != 200, self.path

    def confirm(self) -> None:
        pending = Totp.objects.filter(user=self.user, confirmed=False).first()
        right = pending is not None and self.rng.random() < 0.8
        body = {"code": code_of(pending, utcnow()) if right and pending else "333333"}
        if self.rng.random() < 0.5:
            challenge = self.one_of("challenge")
            right = right and challenge not in self.spent
            self.post("mfa/verify", {**body, "challenge": challenge}, adds=right, proves=right)
        else:
            self.post("mfa/verify", body, bearer=self.one_of("access"), adds=right, proves=right)

    def remove(self) -> None:
        bearer = self.one_of("access")
        recent = self.is_fresh(bearer)
        given, right = self.code() if self.rng.random() < 0.4 else ({}, False)
        given.pop("method", None)
        body = given or {"password": self.password}
        self.post("DELETE", body, bearer=bearer, removes=right, fresh=recent)

    def new_codes(self) -> None:
        self.post("mfa/recovery-codes", {"password": self.password}, bearer=self.one_of("access"))

    def reauthenticate(self) -> None:
        given, right = self.code()
        body = {"code": given["code"]} if self.rng.random() < 0.6 else {"password": self.password}
        self.post("reauthenticate", body, bearer=self.one_of("access"), proves=right)

    def probe(self) -> None:
        kind = self.rng.choice([kind for kind in self.held if kind != "access"])
        text = self.one_of(kind)
        answer = self.client.get("/api/v1/auth/profile", headers={"authorization": f"Bearer {text}"})
        assert answer.status_code == 401, (kind, self.path)

    def empty(self) -> None:
        path = self.rng.choice(
            ["login", "refresh", "mfa/challenge", "mfa/challenge/send", "mfa/verify", "password/reset"]
        )
        answer = self.post(path, self.rng.choice([{}, [], None, "", 0, [{}]]))
        assert answer.status_code in {400, 401}, (path, answer.content)

    def log_out(self) -> None:
        self.post("logout", {"all": self.rng.random() < 0.3}, bearer=self.one_of("access"))

    def wait(self) -> None:
        """Let more time go by than a proof is good for."""
        then = utcnow() - dt.timedelta(seconds=conf.recent() + 1)
        mine = Session.objects.filter(user=self.user)
        mine.update(auth_time=then)
        mine.filter(factor_at__isnull=False).update(factor_at=then)
        self.known = self.state()
