"""Challenges against robots."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import robots
from accounts.models import Registration, SpentProof
from accounts.testing import ORIGIN, register, solve
from audit.testing import the_entry
from kit.errors import Invalid
from kit.testing import races

pytestmark = pytest.mark.django_db

END = dt.timedelta(seconds=robots.LIFETIME)
SECOND = dt.timedelta(seconds=1)


class Password:
    """A challenge of somebody's own: everybody is asked for the same word."""

    def issue(self, *, purpose: str, now: dt.datetime) -> robots.Issued:
        return robots.Issued(kind="password", purpose=purpose)

    def accepts(self, *, proof: str, purpose: str, now: dt.datetime) -> bool:
        return proof == "sesame"


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.ACCOUNTS_ROBOT_CHALLENGE = "proof-of-work"
    settings.ACCOUNTS_ROBOT_DIFFICULTY = 8


def proof_of(now: dt.datetime, purpose: str = "register") -> str:
    issued = robots.issue(purpose=purpose, now=now)
    return solve(issued.challenge, issued.difficulty)


def require(proof: str, now: dt.datetime, purpose: str = "register") -> None:
    robots.require(proof=proof, purpose=purpose, now=now, origin=ORIGIN)


def assert_refused(proof: str, now: dt.datetime, purpose: str = "register") -> None:
    with pytest.raises(Invalid) as refused:
        require(proof, now, purpose)
    assert (refused.value.field, refused.value.reason) == ("robot_proof", "robot_proof_required")


def test_the_work_is_accepted_once(now: dt.datetime) -> None:
    proof = proof_of(now)
    require(proof, now)
    assert_refused(proof, now)


def test_a_second_solution_of_one_challenge_is_none(now: dt.datetime) -> None:
    issued = robots.issue(purpose="register", now=now)
    require(solve(issued.challenge, issued.difficulty), now)
    challenge = issued.challenge
    others = (f"{challenge}:{number}" for number in range(10_000, 20_000))
    second = next(proof for proof in others if robots._shows(proof, issued.difficulty))
    assert_refused(second, now)


def test_too_little_work_is_refused_and_recorded(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_ROBOT_DIFFICULTY = 30
    issued = robots.issue(purpose="register", now=now)
    assert_refused(solve(issued.challenge, 4), now)
    assert the_entry("accounts.robot.refused").details == {"purpose": "register"}
    assert not SpentProof.objects.exists()


def test_a_challenge_ends_after_ten_minutes(now: dt.datetime) -> None:
    proof = proof_of(now)
    assert_refused(proof, now + END)
    require(proof, now + END - SECOND)


def test_a_challenge_is_for_its_purpose_alone(now: dt.datetime) -> None:
    proof = proof_of(now, "login")
    assert_refused(proof, now)
    require(proof, now, "login")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: "x" * 200,
        lambda text: text.replace("pow1.register.8.", "pow1.register.0."),
        lambda text: text.replace("pow1.register.", "pow1.login."),
        lambda text: text.replace(":", "0:"),
        lambda text: text + "\n",
        lambda text: text.rpartition(":")[0],
        lambda text: text + "\u0661",
    ],
)
def test_a_challenge_that_we_did_not_sign_is_refused(change: Any, now: dt.datetime) -> None:
    assert_refused(change(proof_of(now)), now)


def test_giving_a_challenge_costs_no_statement(now: dt.datetime) -> None:
    with CaptureQueriesContext(connection) as queries:
        robots.issue(purpose="login", now=now)
    assert len(queries) == 0


def test_registering_asks_for_the_work(now: dt.datetime) -> None:
    with pytest.raises(Invalid):
        register(now=now)
    assert not Registration.objects.exists()
    register(now=now, robot_proof=proof_of(now))
    assert Registration.objects.count() == 1


def test_a_mistake_in_the_form_does_not_cost_the_work(now: dt.datetime) -> None:
    proof = proof_of(now)
    for mistake in ({"password": "short"}, {"username": "admin"}, {"link_url": "https://evil.example"}):
        with pytest.raises(Invalid) as refused:
            register(now=now, robot_proof=proof, **mistake)
        assert refused.value.field in mistake
    register(now=now, robot_proof=proof)


def test_without_a_challenge_everybody_passes(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_ROBOT_CHALLENGE = "off"
    assert robots.issue(purpose="login", now=now) == robots.Issued(kind="off", purpose="login")
    require("", now)


def test_a_house_may_bring_a_challenge_of_its_own(now: dt.datetime, settings: Any) -> None:
    settings.ACCOUNTS_ROBOT_CHALLENGE = f"{__name__}.Password"
    assert robots.issue(purpose="login", now=now).kind == "password"
    require("sesame", now)
    assert_refused("open", now)


def test_purging_forgets_proofs_that_are_good_no_more(now: dt.datetime) -> None:
    require(proof_of(now), now)
    assert robots.purge(now=now + END - 2 * SECOND) == 0
    assert robots.purge(now=now + END) == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_calls_with_one_proof_one_passes(now: dt.datetime) -> None:
    proof = proof_of(now)
    results = races.run(50, lambda: require(proof, now))
    assert (results.count(None), sum(isinstance(result, Invalid) for result in results)) == (1, 49)
