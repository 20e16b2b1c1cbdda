"""Second factors (D): a passkey's answer is taken once, for what it was asked for, and by the server's policy alone."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
import requests
from webauthn.helpers import encode_cbor

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.second_factors import begin, mail_with
from config.testing.walks import Person, new_person
from mfa.tests.soft_key import BE, RS1, UP, UV, SoftKey, text_of

TOO_SLOW = 0.05


@dataclass
class Holder:
    """Somebody with a passkey, and the service she has it for."""

    house: Gatehouse
    person: Person
    key: SoftKey

    def ask(self, path: str = "/auth/passkey/options", **body: str) -> dict[str, Any]:
        """Return what her browser is asked."""
        answer = self.house.post(path, body, bearer=self.person.access)
        assert answer.status_code == 200, answer.text
        asked: dict[str, Any] = answer.json()
        return asked

    def enter(self, credential: dict[str, Any]) -> requests.Response:
        """Sign in with a passkey alone."""
        return self.house.post("/auth/passkey", {"credential": credential})

    def set_up(self, credential: dict[str, Any]) -> requests.Response:
        """Send in a passkey that was made."""
        return self.house.post("/auth/mfa/webauthn", {"credential": credential}, bearer=self.person.access)

    def second_step(self) -> tuple[dict[str, str], dict[str, Any]]:
        """Give the password; return what goes with the answer to the second step, and what she is asked in it."""
        step = {"challenge": begin(self.house, self.person.email), "method": "webauthn"}
        return step, self.ask("/auth/mfa/challenge/send", **step)


def key_for(house: Gatehouse, **more: Any) -> SoftKey:
    """Return a key in a browser on the service's own page."""
    return SoftKey(origin=f"http://localhost:{house.port}", **more)


def enrol(house: Gatehouse, **more: Any) -> Holder:
    holder = Holder(house, new_person(house), key_for(house, **more))
    made = holder.set_up(holder.key.make(holder.ask("/auth/mfa/webauthn/options")))
    assert made.status_code == 200, made.text
    return holder


def refused(answer: requests.Response, status: int = 401) -> bool:
    """Check that an answer is the one refusal of its status, and holds no tokens."""
    assert (answer.status_code, answer.json().get("access")) == (status, None), answer.text
    return str(answer.json()["code"]) == {400: "validation_error", 401: "invalid_credentials"}[status]


@case("D33")
def test_nobody_signs_in_unseen_or_unverified_whatever_her_client_asked(house: Gatehouse) -> None:
    anna = enrol(house)
    asked = anna.ask()
    assert asked["publicKey"]["userVerification"] == "required"
    asked["publicKey"]["userVerification"] = "discouraged"  # by a client that knows better
    assert refused(anna.enter(anna.key.answer(asked, flags=UP)))
    assert refused(anna.enter(anna.key.answer(anna.ask(), flags=UV)))
    assert anna.enter(anna.key.answer(anna.ask())).status_code == 200
    step, asked = anna.second_step()
    unseen = anna.key.answer(asked, flags=UV)
    assert refused(house.post("/auth/mfa/challenge", {**step, "credential": unseen}))
    unseen = key_for(house).make(anna.ask("/auth/mfa/webauthn/options"), flags=UV | 1 << 6)
    assert refused(anna.set_up(unseen), 400)


@case("D34")
def test_a_challenge_is_answered_once_even_by_fifty_at_once(house: Gatehouse) -> None:
    anna, together = enrol(house), Barrier(50)
    credential = anna.key.answer(anna.ask())

    def one(_: int) -> int:
        together.wait()
        return anna.enter(credential).status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = Counter(pool.map(one, range(50)))
    assert statuses[200] == 1
    assert set(statuses) <= {200, 401, 429, 503}


@case("D34")
def test_a_challenge_is_answered_by_whom_and_for_what_it_is_out(house: Gatehouse) -> None:
    anna, mary = enrol(house), enrol(house)
    step, asked = anna.second_step()
    other, _ = anna.second_step()
    for body in (
        {**step, "credential": mary.key.answer(asked)},  # another's passkey
        {**other, "credential": anna.key.answer(asked)},  # another sign-in of hers
        {**step, "credential": anna.key.answer(anna.ask())},  # asked for a sign-in alone
        {**step, "credential": anna.key.answer(anna.ask("/auth/mfa/send", method="webauthn"))},  # as proof
    ):
        assert refused(house.post("/auth/mfa/challenge", body))
    assert refused(anna.enter(anna.key.answer(asked)))  # a second step is no sign-in alone
    creation = anna.ask("/auth/mfa/webauthn/options")["publicKey"]
    asked = {"publicKey": {"challenge": creation["challenge"], "rpId": creation["rp"]["id"]}}
    assert refused(anna.enter(anna.key.answer(asked)))
    assert refused(anna.enter(anna.key.answer(anna.ask(), client={"type": "webauthn.create"})))
    assert anna.enter(anna.key.answer(anna.ask())).status_code == 200


@case("D36")
@pytest.mark.parametrize("count", [6, 7])
def test_a_counter_that_does_not_grow_is_refused_and_its_owner_told(house: Gatehouse, count: int) -> None:
    anna = enrol(house, count=7)
    assert refused(anna.enter(anna.key.answer(anna.ask(), count=count)))
    mail_with(house, anna.person.email, "may have come from a copy")
    assert anna.enter(anna.key.answer(anna.ask(), count=8)).status_code == 200


@case("D36")
def test_a_key_that_may_be_copied_now_and_could_not_is_refused(house: Gatehouse) -> None:
    anna = enrol(house)
    assert refused(anna.enter(anna.key.answer(anna.ask(), flags=UP | UV | BE)))


@case("D36")
def test_a_kind_of_key_that_was_not_offered_is_not_taken(house: Gatehouse) -> None:
    anna = enrol(house)
    asked = anna.ask("/auth/mfa/webauthn/options")
    assert {kind["alg"] for kind in asked["publicKey"]["pubKeyCredParams"]} == {-7, -8, -257}
    assert refused(anna.set_up(key_for(house, algorithm=RS1).make(asked)), 400)


@case("D36")
def test_one_passkey_is_not_taken_from_two_people(house: Gatehouse) -> None:
    anna, mary = enrol(house), enrol(house)
    again = anna.set_up(mary.key.make(anna.ask("/auth/mfa/webauthn/options")))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert mary.enter(mary.key.answer(mary.ask(), handle=text_of(b"x"))).status_code == 401


MALFORMED = {
    "cut off": b"\xa3\x63fmt",
    "bytes behind it": encode_cbor({"fmt": "none", "attStmt": {}, "authData": bytes(200)}) + b"\x00",
    "open length": b"\xbf\x63fmt\x64none\xff",
    "deep": b"\x81" * 12_000 + b"\x01",
    "huge by its own word": b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a cycle": b"\xd8\x1c\x81\xd8\x1d\x00",
    "a number without end": b"\xc5\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01",
}


@case("D37")
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_cbor_is_refused_at_once(house: Gatehouse, name: str) -> None:
    anna = enrol(house)
    asked = anna.ask("/auth/mfa/webauthn/options")
    credential = key_for(house).make(asked, attestation=MALFORMED[name])
    tail = key_for(house).answer(anna.ask(), tail=MALFORMED[name], flags=UP | UV | 1 << 7)
    assert cost(lambda: refused(anna.set_up(credential), 400), anna) < TOO_SLOW
    assert cost(lambda: refused(anna.enter(tail), 400), anna) < TOO_SLOW


@case("D37")
def test_parts_that_are_huge_are_refused_at_once(house: Gatehouse) -> None:
    anna = enrol(house)
    credential = anna.key.answer(anna.ask())
    for part in credential["response"]:
        huge = {**credential, "response": {**credential["response"], part: "A" * 200_000}}
        assert cost(lambda huge=huge: refused(anna.enter(huge), 400), anna) < TOO_SLOW
    assert anna.enter(credential).status_code == 200


def cost(call: Any, anna: Holder) -> float:
    """Return how many seconds longer a call takes than one with nothing in it, at its quickest."""
    nothing = min(_seconds(lambda: refused(anna.enter({}), 400)) for _ in range(5))
    return min(_seconds(call) for _ in range(5)) - nothing


def _seconds(call: Any) -> float:
    begun = time.perf_counter()
    assert call()
    return time.perf_counter() - begun
