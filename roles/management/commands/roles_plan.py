"""`manage.py roles_plan FILE [--prune] [--json] [--most N]`: who would gain or lose what by a file of roles."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kit.clock import utcnow
from roles import as_code, planning
from roles.management import files, people
from roles.planning import Change, Plan

WAYS = (("gain", "+", "gained"), ("lose", "-", "lost"))


class Command(BaseCommand):
    help = (
        "Say exactly which people would gain or lose which permissions by `roles_apply` with this file, and change "
        "nothing. A wildcard stands for all that it covers. A file that roles_apply would refuse is refused here too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        files.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="write one JSON object instead of lines for people")
        parser.add_argument("--most", type=int, help="list so many people at most; all are counted")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["most"] is not None and options["most"] < 0:
            raise CommandError("--most is 0 or more.")
        code, now = files.read(options["file"]), utcnow()
        with people.failures_in_one_line():
            as_code.apply(code, prune=options["prune"], dry_run=True, now=now)
            proposed = as_code.proposed(code, prune=options["prune"])
            plan = planning.of(proposed, now=now, most=options["most"], progress=self._tell)
        if options["json"]:
            self.stdout.write(json.dumps(_object(plan)))
            return
        for line in _lines(plan):
            self.stdout.write(line)

    def _tell(self, done: int, whole: int) -> None:
        """Say on the error stream how far it is, where it takes more than a moment."""
        if whole > planning.AT_ONCE:
            self.stderr.write(f"{done:,} of {whole:,} people looked at", self.style.NOTICE)


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{_people(plan.people)} would gain or lose something."
    for verb, _sign, way in WAYS:
        counts = getattr(plan, way)
        for name in plan.short(frozenset(counts)):
            yield f"  {_people(counts[name])} would {verb} {name}"
    for change in plan.changes:
        yield f"{change.name} {f'on {change.resource}' if change.resource else 'everywhere'}"
        for _verb, sign, way in WAYS:
            yield from (f"    {sign} {name}" for name in plan.short(getattr(change, way)))


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def _object(plan: Plan) -> dict[str, Any]:
    return {
        "people": plan.people,
        "gained": dict(sorted(plan.gained.items())),
        "lost": dict(sorted(plan.lost.items())),
        "changes": [_entry(plan, change) for change in plan.changes],
    }


def _entry(plan: Plan, change: Change) -> dict[str, Any]:
    return {
        "user": str(change.user),
        "name": change.name,
        "resource": change.resource,
        "gained": plan.short(change.gained),
        "lost": plan.short(change.lost),
    }
