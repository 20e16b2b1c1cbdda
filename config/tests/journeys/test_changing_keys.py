"""The root keys change twice while a hundred clients encrypt and decrypt: nothing fails, and nothing reads wrong."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from config.environment import VaultKeys
from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.processes import Gatehouse
from config.testing.servers import Redis
from config.testing.walks import Person, new_encryptor, sign_in
from config.tests.journeys.conftest import make_house

CLIENTS = 100
CALLERS = 5  # the limit is by caller
OLD, *NEXT = (VaultKeys().make().replace("k1:", f"r{number}:") for number in range(3))


@dataclass
class Work:
    """What the clients did: which keys they met, and everything that was not as it should be."""

    over: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    kept: dict[str, str] = field(default_factory=dict)
    calls: int = 0


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The file that the root keys are read from."""
    path = tmp_path / "keys"
    path.write_text(OLD)
    return path


@pytest.fixture
def changing_house(tmp_path: Path, keys: Path, own_redis: Redis | None) -> Iterator[Gatehouse]:
    url = own_redis.url if own_redis else ""
    with make_house(tmp_path / "house", "keys", redis_url=url, VAULT_KEYS_FILE=str(keys)) as running:
        yield running


def put(keys: Path, text: str) -> None:
    """Put other keys in the place of those in the file, whole or not at all."""
    draft = keys.with_name("draft")
    draft.write_text(text)
    draft.replace(keys)


def be_a_client(house: Gatehouse, person: Person, name: str, work: Work) -> None:
    """Encrypt, and decrypt something of what was encrypted before, until it is over."""
    mine: dict[str, str] = {}
    while not work.over.is_set():
        text = f"{name} {len(mine)}"
        sealed = house.post("/encrypt", {"plaintext": text, "context": name}, bearer=person.access)
        work.calls += 2
        if sealed.status_code != 200:
            work.wrong.append(sealed.text)
            continue
        work.keys.add(sealed.json()["key_id"])
        mine[sealed.json()["ciphertext"]] = text
        one = random.choice(list(mine))
        opened = house.post("/decrypt", {"ciphertext": one, "context": name}, bearer=person.access)
        if opened.status_code != 200 or opened.json() != {"plaintext": mine[one]}:
            work.wrong.append(opened.text)
        work.over.wait(random.uniform(2, 4))
    work.kept |= mine


def change(house: Gatehouse, keys: Path, work: Work) -> str:
    """Put each new key in front, and bring everything under it once it is used; return what the command said last."""
    ring = OLD
    for new in NEXT:
        ring = f"{new},{ring}"
        put(keys, ring)
        wait_until(f"use of {new[:2]}", lambda new=new: new[:2] in work.keys, seconds=60)  # type: ignore[misc]
        said = house.manage("vault_rotate")
    return said


@pytest.mark.long
@case("I06", "I14")
def test_no_call_fails_while_the_root_keys_change(
    changing_house: Gatehouse, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, work = changing_house, Work()
    people = [new_encryptor(house) for _ in range(CALLERS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            pool.submit(be_a_client, house, people[number % CALLERS], f"client {number}", work)
            for number in range(CLIENTS)
        ]
        try:
            said = change(house, keys, work)
        finally:
            work.over.set()
        [client.result() for client in clients]
    with capsys.disabled():
        print(f"\n{type(house).__name__}: {work.calls} calls, {len(work.wrong)} wrong, keys {sorted(work.keys)}")  # noqa: T201
    assert (work.wrong, work.keys) == ([], {"r0", "r1", "r2"})
    assert "vault.SigningKey.sealed: 2 under r2" in said
    assert "r0 must stay" in said
    assert house.manage("audit_verify")
    assert sign_in(house, people[0].email).access
