"""Fifty at once: one token, one address, one link. Real processes, real connections, no 5xx."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests

from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, new_address, new_person, register, sign_in

MANY = 50


def at_once(call: Callable[[], requests.Response]) -> list[requests.Response]:
    """Make the same request from fifty threads that start together; none of the answers may be a 5xx."""
    together = Barrier(MANY)

    def one(_: int) -> requests.Response:
        together.wait()
        return call()

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(one, range(MANY)))
    assert [answer.text for answer in answers if answer.status_code >= 500] == []
    return answers


def people_with(house: Gatehouse, email: str) -> int:
    """Count the people with an address, past the service, in its database."""
    script = f"from accounts.models import User; print('people:', User.objects.filter(email='{email}').count())"
    return int(house.inside(script).rpartition("people:")[2])


def test_fifty_parallel_refreshes_with_one_token_leave_one_live_successor(house: Gatehouse) -> None:
    tokens = new_person(house).tokens
    answers = at_once(lambda: house.post("/auth/refresh", {"refresh": tokens["refresh"]}))
    assert Counter(answer.status_code for answer in answers) == {200: MANY}
    assert len({answer.json()["refresh"] for answer in answers}) == 1
    successor = answers[0].json()["refresh"]
    assert house.post("/auth/refresh", {"refresh": successor}).status_code == 200


def test_fifty_parallel_registrations_of_one_address_make_one_person(house: Gatehouse) -> None:
    email = new_address()
    body = {"email": email, "password": PASSWORD}
    answers = at_once(lambda: house.post("/auth/register", body))
    assert Counter(answer.status_code for answer in answers) == {202: MANY}
    assert len({answer.text for answer in answers}) == 1
    house.mailbox.wait(to=email)
    for mail in house.mailbox.mails(to=email):
        house.post("/auth/verify-email", {"token": token_in(mail)})
    assert people_with(house, email) == 1
    assert sign_in(house, email).access


def test_fifty_parallel_confirmations_with_one_link_make_one_person(house: Gatehouse) -> None:
    email = new_address()
    token = register(house, email)
    answers = at_once(lambda: house.post("/auth/verify-email", {"token": token}))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: MANY - 1}
    assert people_with(house, email) == 1
    assert sign_in(house, email).access


def test_fifty_parallel_sends_with_one_idempotency_key_are_one_message(house: Gatehouse) -> None:
    sender, to = new_person(house), new_address()
    house.command("roles_grant", sender.email, "notifier")
    body = {"to": to, "subject": "Once", "text": "Once."}
    headers = {"Idempotency-Key": "the-same"}
    answers = at_once(lambda: house.post("/notify/email", body, bearer=sender.access, headers=headers))
    assert Counter(answer.status_code for answer in answers) == {202: MANY}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_fifty_parallel_guesses_do_not_get_past_the_limit(house: Gatehouse) -> None:
    person = new_person(house)
    body = {"email": person.email, "password": "Not-Her-Password-1"}
    answers = at_once(lambda: house.post("/auth/login", body))
    assert Counter(answer.status_code for answer in answers) == {401: 10, 429: MANY - 10}
