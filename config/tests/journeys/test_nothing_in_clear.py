"""A dump of all that the service keeps: no secret, no code and no recovery code of anybody is in it in clear."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.testing import dumps
from config.testing.mailbox import link_in, token_in
from config.testing.processes import Distributed, Gatehouse
from config.testing.second_factors import answer, begin, enrol, enrol_mail, mail_with, newest_code, send
from config.testing.servers import Redis
from config.testing.walks import PASSWORD, new_person
from config.tests.journeys.conftest import make_house

PEOPLE = 6
BY_MAIL = 3
PLANTED = 100


@pytest.fixture
def searched_house(tmp_path: Path, own_redis: Redis | None) -> Iterator[Gatehouse]:
    """A running service that nobody else talks to, with all that can be turned on."""
    url = own_redis.url if own_redis else ""
    with make_house(tmp_path / "house", "searched", redis_url=url, ACCOUNTS_SIGN_IN_BY_MAIL="true") as running:
        yield running


class Plants:
    """Secrets that went through the service, by what they are."""

    def __init__(self, house: Gatehouse) -> None:
        self.house = house
        self.texts: dict[str, str] = {PASSWORD: "password"}
        self.seen = ""  # the address of somebody: no secret

    def add(self, kind: str, *texts: str) -> None:
        self.texts |= dict.fromkeys(texts, kind)

    def application(self) -> None:
        """Let somebody set up an application, and sign in with it on a device that she trusts."""
        anna = enrol(self.house)
        self.seen = anna.email
        challenge, code = begin(self.house, anna.email), anna.application.code()
        assert answer(self.house, challenge, anna.application.shown(1)).status_code == 401
        signed_in = answer(self.house, challenge, code, trust_device=True).json()
        self.add("secret of an application", anna.application.secret)
        self.add("recovery code", *anna.recovery_codes)
        self.add("challenge", challenge)
        self.add("code of an application", code)
        for tokens in (anna.person.tokens, signed_in):
            self.add("token", tokens["access"], tokens["refresh"], tokens["device_token"])
        renewed = self.house.post("/auth/refresh", {"refresh": signed_in["refresh"]}).json()
        self.add("token", renewed["access"], renewed["refresh"])
        used = answer(self.house, begin(self.house, anna.email), anna.recovery_codes[0], method="recovery")
        assert used.status_code == 200

    def half_an_application(self) -> None:
        """Let somebody begin to set one up and not finish."""
        person = new_person(self.house)
        made = self.house.post("/auth/mfa/setup", {"method": "totp", "password": PASSWORD}, bearer=person.access)
        self.add("secret of an application", made.json()["secret"])

    def codes_by_mail(self) -> None:
        """Let somebody set up codes by mail, and have one sent that she does not use."""
        person = enrol_mail(self.house)
        self.add("code by message", newest_code(self.house, person.email, count=1))
        challenge = begin(self.house, person.email)
        self.add("challenge", challenge)
        self.add("code by message", send(self.house, person.email, challenge)[0])

    def links(self) -> None:
        """Let somebody ask for a new password, and open the link of the mail."""
        person = new_person(self.house)
        assert self.house.post("/auth/password/reset-request", {"email": person.email}).status_code == 202
        mail = mail_with(self.house, person.email, "/reset-password?")
        self.add("token of a link", token_in(mail))
        path = link_in(mail).removeprefix(self.house.url)
        assert self.house.request("GET", path).status_code == 200


def places_of(house: Gatehouse, own_redis: Redis | None) -> dict[str, bytes]:
    """Return all that a service keeps, but its mail: that is for its owner."""
    places = {"files": dumps.of_files(house.home, but=house.mailbox.directory)}
    places["logs"] = b"\n".join(path.read_bytes() for path in house.logs.rglob("*.log"))
    if isinstance(house, Distributed) and own_redis is not None:
        places["database"] = dumps.of_postgres(house.database.url)
        places["Redis"] = dumps.of_redis(own_redis.url)
    else:
        places["database"] = dumps.of_sqlite(house.home / "gatehouse.sqlite3")
    return places


def test_no_secret_is_kept_or_said_in_clear(searched_house: Gatehouse, own_redis: Redis | None) -> None:
    plants, places = Plants(searched_house), {}
    with ExitStack() as stack:
        overheard = stack.enter_context(dumps.Overheard(own_redis.url)) if own_redis else None
        for plant, times in (
            (plants.application, PEOPLE),
            (plants.half_an_application, BY_MAIL),
            (plants.codes_by_mail, BY_MAIL),
            (plants.links, BY_MAIL),
        ):
            for _ in range(times):
                plant()
        if overheard is not None:
            places["what Redis was told"] = overheard.told()
    places |= places_of(searched_house, own_redis)
    assert all(len(data) > 1_000 for data in places.values()), {name: len(data) for name, data in places.items()}
    assert len(plants.texts) >= PLANTED, Counter(plants.texts.values())
    assert dumps.find([plants.seen], places)  # what is kept in clear is found
    assert dumps.find(plants.texts, places) == []
