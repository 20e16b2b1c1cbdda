"""Messages that somebody earns on, or is buried in (N23, N25), against the running service."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_address, new_notifier, new_person
from config.tests.journeys.conftest import make_house

PER_PREFIX, PER_NUMBER, PER_MINUTE = 20, 4, 2_500  # what a caller may use of the limits: four fifths
MAILS_AN_HOUR = 3  # of links and codes that anybody may have sent to an address
ALLOWED, ELSEWHERE = "+4915112340000", "+442071838750"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatehouse]:
    """The running service, which writes to numbers of one country, and to few of them."""
    house = make_house(
        tmp_path_factory.mktemp("pumped"),
        "pumped",
        web_processes=1,
        SMS_COUNTRIES="DE",
        SMS_PER_PREFIX=str(PER_PREFIX * 5 // 4),
        SMS_PER_NUMBER=str(PER_NUMBER * 5 // 4),
        NOTIFY_PER_MINUTE=str(PER_MINUTE),
        ACCOUNTS_SIGN_IN_BY_MAIL="true",
    )
    with house as running:
        yield running


@pytest.fixture(scope="module")
def notifier(guarded: Gatehouse) -> Person:
    return new_notifier(guarded)


def short(number: str) -> dict[str, Any]:
    return {"channel": "sms", "to": number, "text": "Your order is ready."}


def send_all(house: Gatehouse, notifier: Person, numbers: list[str]) -> list[dict[str, Any]]:
    """Ask for a message to each of these numbers in one call, and return what became of each."""
    body = {"messages": [short(number) for number in numbers]}
    answer = house.post("/notify/batch", body, bearer=notifier.access)
    assert answer.status_code == 202, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def failures(house: Gatehouse, notifier: Person, results: list[dict[str, Any]]) -> set[str]:
    """Return why messages were held back, of some of them."""
    found = [house.get(f"/notify/messages/{one['id']}", bearer=notifier.access).json() for one in results]
    return {one["failure"] for one in found}


@case("N23")
def test_a_thousand_numbers_of_one_prefix_get_no_more_than_its_limit(guarded: Gatehouse, notifier: Person) -> None:
    results = send_all(guarded, notifier, [f"+491517771{last:04d}" for last in range(1000)])
    told = Counter(one["status"] for one in results)
    assert told == {"queued": PER_PREFIX, "suppressed": 1000 - PER_PREFIX}
    held = [one for one in results if one["status"] == "suppressed"]
    assert failures(guarded, notifier, held[::200]) == {"too_many_to_prefix"}
    last = results[PER_PREFIX - 1]["id"]
    sent = f"/notify/messages/{last}"
    gone = lambda: guarded.get(sent, bearer=notifier.access).json()["status"] == "sent"  # noqa: E731 - asked once
    wait_until("the last message to be sent", gone, seconds=30)
    for one in held[::200]:
        assert guarded.get(f"/notify/messages/{one['id']}", bearer=notifier.access).json()["attempts"] == []


@case("N23")
def test_one_number_gets_no_more_than_its_limit(guarded: Gatehouse, notifier: Person) -> None:
    results = send_all(guarded, notifier, [ALLOWED] * 10)
    assert [one["status"] for one in results] == ["queued"] * PER_NUMBER + ["suppressed"] * (10 - PER_NUMBER)
    assert failures(guarded, notifier, results[PER_NUMBER:]) == {"too_many_to_number"}


@case("N23")
@pytest.mark.parametrize("number", [ELSEWHERE, "+12125552368", "+390612345678"])
def test_a_country_that_is_not_named_is_not_written_to(guarded: Gatehouse, notifier: Person, number: str) -> None:
    results = send_all(guarded, notifier, [number])
    assert [one["status"] for one in results] == ["suppressed"]
    assert failures(guarded, notifier, results) == {"country_not_allowed"}


@case("N23")
def test_a_code_to_such_a_number_is_answered_alike_and_not_sent(guarded: Gatehouse) -> None:
    answers = {}
    for number in (ALLOWED[:-1] + "7", ELSEWHERE):
        person = new_person(guarded)
        answer = guarded.post("/auth/phone/send", {"phone": number}, bearer=person.access)
        answers[number] = (answer.status_code, answer.text)
    assert len(set(answers.values())) == 1
    held = guarded.inside(
        "from notifications.models import Message\n"
        f"row = Message.objects.get(recipient={ELSEWHERE!r}, caller=None)\n"
        "print(row.status, row.failure, row.attempts.count())"
    )
    assert held.split() == ["suppressed", "country_not_allowed", "0"]


@case("N23")
def test_a_caller_beyond_the_quota_is_told_how_long_to_wait(guarded: Gatehouse) -> None:
    caller = new_notifier(guarded)
    for _ in range(2):
        send_all(guarded, caller, [ELSEWHERE] * 1000)
    results = send_all(guarded, caller, [ELSEWHERE] * 1000)
    assert Counter(one["status"] for one in results) == {"suppressed": 500, 429: 500}
    beyond = guarded.post("/notify/sms", {"to": ALLOWED, "text": "x"}, bearer=caller.access)
    assert (beyond.status_code, beyond.json()["code"]) == (429, "throttled")
    assert 1 <= int(beyond.headers["Retry-After"]) <= 60
    another = new_notifier(guarded)
    assert guarded.post("/notify/sms", {"to": ALLOWED, "text": "x"}, bearer=another.access).status_code == 202


@case("N25")
def test_an_address_is_not_buried_by_asking_for_everything(guarded: Gatehouse) -> None:
    victim = new_person(guarded).email
    before = len(guarded.mailbox.mails(to=victim))
    asked = 0
    for _ in range(10):
        for path in ("password/reset-request", "sign-in-link/request", "resend-verification", "register"):
            body = {"email": victim} | ({"password": PASSWORD} if path == "register" else {})
            answer = guarded.post(f"/auth/{path}", body)
            assert answer.status_code in {202, 429}, (path, answer.text)
            asked += answer.status_code == 202
    assert asked > MAILS_AN_HOUR
    witness = new_address()
    guarded.post("/auth/register", {"email": witness, "password": PASSWORD})
    guarded.mailbox.wait(to=witness)
    assert len(guarded.mailbox.mails(to=victim)) - before <= MAILS_AN_HOUR


@case("N25")
def test_a_number_is_not_rung_by_many_accounts(guarded: Gatehouse) -> None:
    number = "+4915187650001"
    people = [new_person(guarded) for _ in range(4)]
    answers = [guarded.post("/auth/phone/send", {"phone": number}, bearer=person.access) for person in people]
    assert [answer.status_code for answer in answers] == [202, 429, 429, 429]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers[1:])
