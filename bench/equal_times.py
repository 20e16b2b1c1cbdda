"""Whether the time of an answer tells who has an account: pairs of calls, one for a known name and one for an unknown.

    .venv/bin/python -m bench.equal_times [--pairs 300] [embedded] [distributed]

It starts the service as its users do, makes people of each state, and calls for one of them and for a name that nobody
has, in an order drawn for each pair, from one client. For each call it prints the medians of both, their difference,
and the interval in which that difference lies with 95 % certainty (bootstrap); it holds when the interval is within 5 %
of the median or within 3 ms. Exits 1 when one does not hold.

The last pair is of two populations, and compares means: of the people half have bcrypt, so half of the unknown names
take as long, and one name alone says nothing.
"""

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.testing.processes import Distributed, Gatehouse
from config.testing.servers import Postgres, Redis
from config.testing.walks import PASSWORD

SHARE, MILLISECONDS = 0.05, 3.0
RESAMPLES = 2_000
WARM_UP = 20
BCRYPT_COST = 9
WRONG = PASSWORD.swapcase()
STATES = {
    "login, wrong password": {},
    "login, stopped": {"is_active": False},
    "login, without a password": {"password": "!"},
    "login, to be erased": {"erase_at": "2026-01-01T00:00:00Z"},
}
_PEOPLE = """
from accounts import hashing
from accounts.models import Handle, User
from kit.clock import utcnow
now, encoded = utcnow(), hashing.make("{password}")
people = [User(**{{"email": f"{prefix}{{n}}@example.com", "password": encoded, **{columns}}}) for n in range({count})]
User.objects.bulk_create(people)
Handle.objects.bulk_create(
    Handle(user=one, kind="email", canonical=one.email, confirmed_at=now, is_primary=True) for one in people
)
"""
# Every second of these people has a hash of another system, and nobody else has any that could be checked.
_HALF_FOREIGN = """
import bcrypt
from accounts import decoys
from accounts.foreign_hashes import stored
from accounts.models import User
User.objects.exclude(email__startswith="{prefix}").update(password="!")
made = bcrypt.hashpw("{password}".encode(), bcrypt.gensalt({cost})).decode()
half = ["{prefix}%d@example.com" % n for n in range(0, {count}, 2)]
User.objects.filter(email__in=half).update(password=stored.take_over(made, longest=256))
decoys.count()
print(decoys.REREAD_SECONDS)
"""
_Average = Callable[[list[float]], float]


@dataclass(frozen=True)
class Verdict:
    """What the pairs of one call say; all in milliseconds."""

    known: float
    unknown: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Tell whether the whole interval of the difference is small enough."""
        bound = max(MILLISECONDS, SHARE * self.unknown)
        return -bound <= self.low and self.high <= bound


def main() -> int:
    """Measure the set-ups that were named, or both; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("setups", nargs="*", choices=["embedded", "distributed", []], metavar="embedded|distributed")
    options.add_argument("--pairs", type=int, default=300)
    given = options.parse_args()
    held = True
    for setup in given.setups or ["embedded", "distributed"]:
        with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as home, _house(setup, Path(home)) as house:
            for name, verdict in _measured(house, given.pairs):
                held = held and verdict.holds
                _tell(_line(f"{setup}: {name}", verdict))
    return 0 if held else 1


@contextlib.contextmanager
def _house(setup: str, home: Path) -> Iterator[Gatehouse]:
    if setup == "embedded":
        with Gatehouse(home) as house:
            yield house
        return
    with contextlib.ExitStack() as stack:
        database, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        yield stack.enter_context(Distributed(home, server_url=database.url, redis_url=redis.url))


def _measured(house: Gatehouse, pairs: int) -> Iterator[tuple[str, Verdict]]:
    for number, (name, columns) in enumerate(STATES.items()):
        prefix = f"state{number}x"
        house.inside(_PEOPLE.format(password=PASSWORD, prefix=prefix, columns=columns, count=pairs + WARM_UP))
        yield name, _compared(house, "/auth/login", prefix, pairs, {"password": WRONG})
    for name, path, body in (
        ("new password asked for", "/auth/password/reset-request", {}),
        ("registration", "/auth/register", {"password": PASSWORD}),
        ("mail asked for again", "/auth/resend-verification", {}),
    ):
        prefix = path.rpartition("/")[2].replace("-", "")
        house.inside(_PEOPLE.format(password=PASSWORD, prefix=prefix, columns={}, count=pairs + WARM_UP))
        yield name, _compared(house, path, prefix, pairs, body)
    yield "login, half of all with bcrypt", _compared_populations(house, pairs)


def _compared_populations(house: Gatehouse, pairs: int) -> Verdict:
    """Compare the people of a house where half have a hash of another system with names that nobody holds."""
    count = pairs + WARM_UP
    house.inside(_PEOPLE.format(password=PASSWORD, prefix="mixed", columns={}, count=count))
    said = house.inside(_HALF_FOREIGN.format(password=PASSWORD, prefix="mixed", count=count, cost=BCRYPT_COST))
    time.sleep(float(said) + 1)  # until every process has read the shares
    return _compared(house, "/auth/login", "mixed", pairs, {"password": WRONG}, average=statistics.fmean)


def _compared(
    house: Gatehouse,
    path: str,
    prefix: str,
    pairs: int,
    body: dict[str, str],
    *,
    average: _Average = statistics.median,
) -> Verdict:
    """Call for a known and an unknown name in turn, each name once, and compare."""
    chance = random.Random(1)  # noqa: S311 - an order, the same each time
    known: list[float] = []
    unknown: list[float] = []
    for number in range(pairs + WARM_UP):
        both = [(known, f"{prefix}{number}@example.com"), (unknown, f"{prefix}{number}@example.org")]
        chance.shuffle(both)  # so that what the call before it set going delays either as often
        for times, email in both:
            times.append(_milliseconds(lambda email=email: house.post(path, {"email": email, **body})))  # type: ignore[misc]
    return _verdict(known[WARM_UP:], unknown[WARM_UP:], average)


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _verdict(known: list[float], unknown: list[float], average: _Average) -> Verdict:
    chance = random.Random(1)  # noqa: S311 - resampling, the same each time
    drawn = sorted(
        average(chance.choices(known, k=len(known))) - average(chance.choices(unknown, k=len(unknown)))
        for _ in range(RESAMPLES)
    )
    edge = RESAMPLES // 40  # 2.5 % on either side
    return Verdict(average(known), average(unknown), drawn[edge], drawn[-edge - 1])


def _line(name: str, verdict: Verdict) -> str:
    word = "holds" if verdict.holds else "DOES NOT HOLD"
    return (
        f"{name:45} known {verdict.known:7.2f} ms, unknown {verdict.unknown:7.2f} ms, difference "
        f"{verdict.known - verdict.unknown:+6.2f} in [{verdict.low:+.2f}, {verdict.high:+.2f}]: {word}"
    )


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
