"""A telephone number and another address, from the wish to the proof, on a running service."""

import json
import random
import re
from pathlib import Path

from config.testing.children import wait_until
from config.testing.mailbox import token_in
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, new_address, new_person


def code_sent_to(house: Gatehouse, number: str) -> str:
    """Return the code of the short message to a number, which the file provider has written."""

    def written() -> list[str]:
        files = (json.loads(path.read_bytes()) for path in Path(house.home / "mail").glob("*.json"))
        return [told["text"] for told in files if (told["channel"], told["to"]) == ("sms", number)]

    found = re.match(r"\d{6}\b", wait_until(f"a short message to {number}", written, seconds=30)[-1])
    assert found is not None
    return found[0]


def test_a_number_is_confirmed_by_the_code_of_a_short_message(house: Gatehouse) -> None:
    person, number = new_person(house), f"+4915112{random.randrange(10**6):06d}"
    assert house.post("/auth/phone/send", {"phone": number}, bearer=person.access).status_code == 202
    again = house.post("/auth/phone/send", {"phone": number}, bearer=person.access)
    assert (again.status_code, again.json()["code"]) == (429, "throttled")
    code = code_sent_to(house, number)
    assert house.post("/auth/phone/confirm", {"code": code}, bearer=person.access).json()["phone_confirmed"] is True
    assert house.get("/auth/me", bearer=person.access).json()["phone"] == number


def test_another_address_is_taken_and_given_back_by_its_owner(house: Gatehouse) -> None:
    person, email = new_person(house), new_address()
    body = {"email": email, "password": PASSWORD}
    assert house.post("/auth/email/change", body, bearer=person.access).status_code == 202
    token = token_in(house.mailbox.wait(to=email))
    assert house.post("/auth/addresses/confirm", {"token": token}).status_code == 200
    assert house.post("/auth/addresses/confirm", {"token": token}).status_code == 400
    assert house.post("/auth/login", {"email": email, "password": PASSWORD}).status_code == 200
    assert house.post("/auth/login", {"email": person.email, "password": PASSWORD}).status_code == 401
    undo = token_in(house.mailbox.wait(to=person.email, about="The address of your account was changed"))
    assert house.post("/auth/undo", {"token": undo}).status_code == 200
    assert house.get("/auth/me", bearer=person.access).status_code == 401
    assert house.post("/auth/login", {"email": email, "password": PASSWORD}).status_code == 401
