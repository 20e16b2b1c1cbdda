"""Decoys: the work that a name without a password is answered with, so that time does not tell who has an account.

A hash of another system takes another time than ours until its owner's first sign-in. Where a share of those who have a
password carries one form (a scheme with its costs), the same share of the names that nobody holds does the work of that
form, and so do people without a password. Which names is drawn by a keyed digest: a name asked for again takes the same
time again, and only who holds the keys can tell a decoy from a person.

A form keeps its range of names while that has room, so that a share that shrinks (people sign in, and their hashes
become ours) takes names out of the range and moves none into another: a name changes as a person does, to ours.
"""

import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q

from accounts.foreign_hashes import stored
from accounts.hashers import Argon2
from accounts.models import HashForm, User
from kit import canonical
from vault import digests

REREAD_SECONDS = 60.0
MOST_FORMS = 256  # beyond these some of the rarest stand for all of them: there are systems that draw costs at random


@dataclass(frozen=True, slots=True)
class _Range:
    """The names that do the work of one form, as a part of the numbers from 0 to 1."""

    beginning: float
    end: float
    decoy: stored.Stored


class _Held:
    """What this process has read; at first and once a minute it is read anew."""

    def __init__(self) -> None:
        self._ranges: tuple[_Range, ...] = ()
        self._until = 0.0

    def ranges(self) -> tuple[_Range, ...]:
        if time.monotonic() >= self._until:
            self._ranges = _read()
            self._until = time.monotonic() + REREAD_SECONDS
        return self._ranges

    def forget(self) -> None:
        self._until = 0.0


held = _Held()


def choose(name: str) -> stored.Stored | None:
    """Return the hash, fitting no password, whose work is done for this name if it has none; None for that of ours.

    One statement a minute in each process, whoever the name belongs to.
    """
    ranges = held.ranges()
    if not ranges:
        return None
    place = int(digests.keyed("accounts.decoys", canonical.fold(name))[:13], 16) / 16**13
    return next((each.decoy for each in ranges if each.beginning <= place < each.end), None)


def count() -> int:
    """Count the forms in the house anew and write their shares down; return how many there are.

    Reads the hash of everybody who has one of another system. Safe to run at any time, also twice at once.
    """
    shares = _shares()
    before = dict(HashForm.objects.values_list("form", "beginning"))
    beginnings = _kept(shares, before) or _laid_out(shares)
    rows = [HashForm(form=form, beginning=beginnings[form], share=share) for form, share in sorted(shares.items())]
    with transaction.atomic():
        fields = ["beginning", "share"]
        HashForm.objects.bulk_create(rows, update_conflicts=True, unique_fields=["form"], update_fields=fields)
        HashForm.objects.exclude(form__in=shares).delete()
    held.forget()
    return len(rows)


def _read() -> tuple[_Range, ...]:
    rows = HashForm.objects.order_by("beginning").values_list("form", "beginning", "share")
    found = ((beginning, share, stored.decoy(form)) for form, beginning, share in rows)
    return tuple(_Range(beginning, beginning + share, decoy) for beginning, share, decoy in found if decoy)


def _shares() -> dict[str, float]:
    """Return the share of each form in those who have a password that can be checked at all."""
    ours = Q(password__startswith=Argon2.beginning())
    none = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    kinds: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for encoded in User.objects.exclude(ours | none).values_list("password", flat=True).iterator(chunk_size=2000):
        kind = stored.kind_of(encoded)
        kinds[kind] += 1
        examples.setdefault(kind, encoded)
    forms: Counter[str] = Counter()
    for kind, number in kinds.items():
        found = stored.find(examples[kind])
        if found is not None:
            forms[found.form] += number
    people = User.objects.filter(ours).count() + forms.total()
    return {form: number / people for form, number in _bounded(forms).items()}


def _bounded(forms: Counter[str]) -> dict[str, float]:
    """Return how many carry each form; of those beyond the commonest, some with the numbers of all."""
    ordered = forms.most_common()
    common, rare = ordered[:MOST_FORMS], ordered[MOST_FORMS:]
    standing = rare[:: -(-len(rare) // MOST_FORMS) or 1]
    each = sum(number for _, number in rare) / max(1, len(standing))
    return {**dict(common), **{form: each for form, _ in standing}}


def _kept(shares: dict[str, float], before: dict[str, float]) -> dict[str, float] | None:
    """Return where each form begins so far, or None when one is new or has outgrown its room."""
    if not shares.keys() <= before.keys():
        return None
    ranges = sorted((before[form], before[form] + share) for form, share in shares.items())
    fits = all(end <= following for (_, end), (following, _) in pairwise([*ranges, (1.0, 1.0)]))
    return {form: before[form] for form in shares} if fits else None


def _laid_out(shares: dict[str, float]) -> dict[str, float]:
    """Return where each form begins, with the room that is left shared out behind them."""
    room = max(0.0, 1 - sum(shares.values())) / max(1, len(shares))
    beginnings, end = {}, 0.0
    for form, share in sorted(shares.items()):
        beginnings[form] = end
        end += share + room
    return beginnings
