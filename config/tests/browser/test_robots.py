"""The program of docs/robots.md, in the browser that it is written for."""

import hashlib
import re

from config.environment import BASE_DIR
from config.testing.processes import Gatehouse
from config.tests.browser.conftest import Watched

DIFFICULTY = 12


def test_the_program_of_the_documentation_does_the_work(house: Gatehouse, watched: Watched) -> None:
    told = re.search(r"```js\n(.*?)```", (BASE_DIR / "docs" / "robots.md").read_text(), re.DOTALL)
    assert told is not None
    watched.page.goto(f"{house.url}/admin/login/")
    proof = watched.page.evaluate(f"async () => {{ {told[1]} return await solve('pow1.x', {DIFFICULTY}); }}")
    digest = hashlib.sha256(proof.encode()).digest()
    assert (proof.startswith("pow1.x:"), int.from_bytes(digest) >> (256 - DIFFICULTY)) == (True, 0)
    asked = watched.page.evaluate(f"async () => {{ {told[1]} return await proofOfWork('', 'login'); }}")
    assert asked == ""  # this house asks for nothing
