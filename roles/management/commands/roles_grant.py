"""`manage.py roles_grant WHO ROLE`: give a person or a group a role, or deny it, as the operator."""

import argparse
import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.dateparse import parse_datetime

from kit.clock import utcnow
from kit.fields import show_moment
from roles import grants
from roles.management import people


class Command(BaseCommand):
    help = (
        "Give a person or a group a role, everywhere or on one resource, for good or until a moment; or deny it. "
        "The guards of the API do not hold for the operator."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        people.add_arguments(parser)
        parser.add_argument(
            "--until", type=_moment, metavar="MOMENT", help="when it ends by itself, such as 2026-12-31T22:00:00Z"
        )
        parser.add_argument("--reason", default="", help="why, kept with the grant")

    def handle(self, *args: Any, **options: Any) -> None:
        with people.failures_in_one_line():
            wanted = people.grant_of(options)
            more = {"expires_at": options["until"], "reason": options["reason"]}
            given = grants.give(**wanted, **more, actor=None, now=utcnow())
        self.stdout.write(_told(given))


def _told(given: grants.Given) -> str:
    grant, now = given.grant, "now" if given.created else "already"
    verb = f"is {now} denied" if grant.denies else f"{now} has" if given.created else "already had"
    where = f"the role {grant.role_id} on {grant.resource or 'everything'}"
    word = " until" if given.created else "; it ends"
    end = f"{word} {show_moment(grant.expires_at)}" if grant.expires_at else ""
    return f"{people.name_of(grant.holder)} {verb} {where}{end}."


def _moment(text: str) -> dt.datetime:
    """Return a moment by RFC 3339; without an offset it would mean another on every machine."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError("write a moment with its offset, such as 2026-12-31T22:00:00Z")
    return moment.astimezone(dt.UTC)
