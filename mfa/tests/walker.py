"""Somebody who makes calls at random: she knows the password and reads the mail, and now and then she has a factor too.

After each call everything that came of it is held against what she was entitled to: sessions, factors, and which
sessions say that a factor was proved. What entitles her is read from the rows and not from the answers. Only which
codes and challenges have been good once is remembered here: rows that forget it are what is looked for.
"""

import datetime as dt
from typing import Any

from accounts import conf
from accounts.models import Link, LoginAttempt, SentCode, Session
from accounts.reauthentication import BY_MAIL
from accounts.testing import PASSWORD, newest_link
from kit.clock import utcnow
from mfa import recovery
from mfa.models import Totp
from mfa.testing import code_of, newest_code
from mfa.tests.judged import Judged
from vault import derived

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
