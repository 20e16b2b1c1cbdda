"""Schemathesis on every call of the published schema: `python -m config.testing.fuzz --cases 20000`, or `make fuzz`.

It calls a really started service as three callers: an administrator, a notifier whose messages a bystander must not
see, and a stranger. Every check is on; schemathesis.toml says where one cannot apply, and why.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.environment import BASE_DIR
from config.testing.processes import Gatehouse
from config.testing.walks import PASSWORD, Person, new_notifier, new_person, new_staff, sign_in

# What each caller gets of the wanted cases. Most of what can go wrong is behind the sign-in, and allowed there.
# What the examples lead to, and what is off unless an operator turns it on.
SETTINGS: dict[str, Any] = {"ACCOUNTS_LINK_URLS": "https://app.example.com/", "ACCOUNTS_SIGN_IN_BY_MAIL": "true"}
SHARES = {"administrator": 0.7, "notifier": 0.2, "stranger": 0.1}
# One example more is about so many cases more for each call: positive, negative, and in a scenario of several calls.
CASES_OF_AN_EXAMPLE = 1.1
PHASES = "examples,fuzzing,stateful"
# Each boundary of each value: the same whoever calls, so one caller is enough. About fifty cases more for each call.
BOUNDARIES = "administrator"
NOBODY = {"name": "stranger", "fixedHeaders": [{"name": "Accept", "value": "application/json"}]}
SECONDS = 6 * 3600


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of the cases of one caller. `said` is what Schemathesis printed."""

    caller: str
    passed: bool
    operations: int
    cases: int
    failures: int
    seconds: float
    said: str

    def __str__(self) -> str:
        return (
            f"{self.caller}: {self.operations} operations, {self.cases} cases, {self.failures} failures, "
            f"{self.seconds:.0f} s"
        )


def main() -> int:
    """Start the service, try every call, print what came of it, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.testing.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="about how many requests (default: 20000)")
    parser.add_argument("--seed", type=int, help="the seed of an earlier run, to repeat it (default: a new one)")
    options = parser.parse_args()
    generation = ["--generation-database", "none"]
    generation += [] if options.seed is None else ["--seed", str(options.seed)]
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-fuzz-") as home,
        Gatehouse(Path(home) / "house", **SETTINGS) as house,
    ):
        passed = True
        for tried in try_every_call(house, Path(home), cases=options.cases, generation=generation):
            print(f"{tried.said}\n{tried}\n", flush=True)
            passed = passed and tried.passed
        return 0 if passed else 1


def try_every_call(
    house: Gatehouse, directory: Path, *, cases: int, boundaries: bool = True, generation: list[str] | None = None
) -> Iterator[Tried]:
    """Make about so many requests of a running service, and those at the boundaries; yield what came of each caller's.

    `generation` are options of Schemathesis on how values are made; without any they are the same in every run.
    """
    made = ["--generation-deterministic"] if generation is None else generation
    people = {
        "administrator": new_staff(house),
        "notifier": new_notifier(house),
        "bystander": new_person(house),
    }
    identities = directory / "identities.json"
    identities.write_text(json.dumps({"auth": [*(_identity(name, one) for name, one in people.items()), NOBODY]}))
    kept = ",".join(_id_of(house, one) for one in people.values())
    own = {"PYTHONPATH": str(BASE_DIR), "FUZZ_URL": house.url, "FUZZ_IDENTITIES": str(identities), "FUZZ_KEPT": kept}
    environment = house.environment() | _known(house) | own
    calls = sum(map(len, house.get("/schema?format=json").json()["paths"].values()))
    for caller, share in SHARES.items():
        examples = max(1, round(cases * share / calls / CASES_OF_AN_EXAMPLE))
        phases = f"{PHASES},coverage" if boundaries and caller == BOUNDARIES else PHASES
        options = [*made, "--phases", phases, "--max-examples", str(examples)]
        options += ["--auth-wfc-user", caller]
        yield _try_as(caller, options, url=house.url, report=directory / "report.json", environment=environment)


def _identity(name: str, person: Person) -> dict[str, Any]:
    """Return how somebody signs in, in the format of the Web Fuzzing Commons."""
    return {
        "name": name,
        "loginEndpointAuth": {
            "endpoint": "/api/v1/auth/login",
            "verb": "POST",
            "contentType": "application/json",
            "payloadRaw": json.dumps({"email": person.email, "password": person.password}),
            "token": {
                "extractFrom": "body",
                "extractSelector": "/access",
                "sendIn": "header",
                "sendName": "Authorization",
                "sendTemplate": "Bearer {token}",
            },
        },
    }


def _id_of(house: Gatehouse, person: Person) -> str:
    profile = house.get("/auth/profile", bearer=sign_in(house, person.email).access).json()
    return str(profile["id"])


def _known(house: Gatehouse) -> dict[str, str]:
    """Return what `fuzz_values` puts into bodies where a value must exist."""
    person = new_person(house)
    profile = house.get("/auth/profile", bearer=person.access).json()
    return {"FUZZ_EMAIL": person.email, "FUZZ_PASSWORD": PASSWORD, "FUZZ_PERSON": profile["id"]}


def _try_as(caller: str, options: list[str], *, url: str, report: Path, environment: Mapping[str, str]) -> Tried:
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run"]
    command += [f"{url}/api/v1/schema", "--no-color", "--report", "json", "--report-json-path", str(report), *options]
    started = time.monotonic()
    report.unlink(missing_ok=True)
    result = subprocess.run(
        command, cwd=BASE_DIR, env=dict(environment), capture_output=True, text=True, timeout=SECONDS, check=False
    )
    told = json.loads(report.read_text()) if report.exists() else {}
    tested = told.get("operations", {}).get("tested", 0)
    return Tried(
        caller=caller,
        passed=result.returncode == 0 and tested == told["operations"]["selected"],
        operations=tested,
        cases=told.get("test_cases", {}).get("generated", 0),
        failures=told.get("test_cases", {}).get("unique_failures", 0),
        seconds=time.monotonic() - started,
        said=result.stdout + result.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
