"""What changes about roles, before anybody asks whom it concerns: which names each role gives and denies, then and now.

Names that no role tells apart, before or after, are one class: a role that gets `*` changes a handful of classes and
not every name of the house. Sets of names are bits of whole numbers, so that ten thousand roles are added up at once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

from roles.definitions import Definition
from roles.vocabulary import EVERYTHING, Vocabulary, satisfying, touches

Definitions = Mapping[str, Definition]
# A role, a class, and what they have to do with each other: does a grant give it, before and after; does a denial
# deny it, before and after.
Row = tuple[str | int, ...]
_Masks = tuple[int, ...]  # of a role: the names that it gives, before and after; those that it denies, before and after


@dataclass(frozen=True, kw_only=True, slots=True)
class Delta:
    """The classes of names that some role gives or denies otherwise than before, and all that roles say of them.

    `roles` are those that do.
    """

    classes: tuple[frozenset[str], ...]
    rows: tuple[Row, ...]
    roles: frozenset[str]


def between(before: Definitions, after: Definitions, *, known: Vocabulary) -> Delta:
    """Return how one set of roles differs from another, inheritance included; `known` is what wildcards cover."""
    names = _Names(universe(before, after, known=known))
    said = _said(before, after, names)
    changed = {role: bits for role, masks in said.items() if (bits := _difference(masks))}
    classes = _classes(reduce(or_, changed.values(), 0), (mask for masks in said.values() for mask in masks))
    return Delta(
        classes=tuple(frozenset(names.spelled(each)) for each in classes),
        rows=tuple(row for number, each in enumerate(classes) for row in _rows(said, number, each)),
        roles=frozenset(changed),
    )


def _said(before: Definitions, after: Definitions, names: "_Names") -> dict[str, _Masks]:
    tables = [_added_up(roles, of) for of in (names.given, names.denied) for roles in (before, after)]
    return {role: tuple(table.get(role, 0) for table in tables) for role in sorted({*before, *after})}


def _difference(masks: _Masks) -> int:
    """Return the names that a role gives or denies otherwise than before."""
    gave, gives, denied, denies = masks
    return (gave ^ gives) | (denied ^ denies)


def _rows(said: Mapping[str, _Masks], number: int, names: int) -> Iterator[Row]:
    """Yield what the roles that have anything to do with a class say of it."""
    for role, masks in said.items():
        if any(mask & names for mask in masks):
            yield (role, number, *(int(bool(mask & names)) for mask in masks))


def universe(before: Definitions, after: Definitions, *, known: Vocabulary) -> frozenset[str]:
    """Return every name that a person can gain or lose: all that are known, and all that roles hold."""
    held = (role.permissions for roles in (before, after) for role in roles.values())
    return frozenset(known.names).union(*held)


def _classes(changed: int, masks: Iterable[int]) -> list[int]:
    """Return the bits of `changed` in the fewest parts of which each mask holds all or nothing."""
    parts = [changed] if changed else []
    for mask in {mask & changed for mask in masks}:
        parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
    return sorted(parts)


def _added_up(roles: Definitions, of: Callable[[str], int]) -> dict[str, int]:
    """Return what each role comes to with all that it inherits; those of a circle all come to the same."""
    found = dict.fromkeys(roles, 0)
    for name, role in roles.items():
        for permission in role.permissions:
            found[name] |= of(permission)
    order, more = list(_lowest_first(roles)), True
    while more:
        more = False
        for name in order:
            whole = found[name]
            for inherited in roles[name].inherits:
                whole |= found.get(inherited, 0)
            more |= whole != found[name]
            found[name] = whole
    return found


def _lowest_first(roles: Definitions) -> Iterator[str]:
    """Yield every role once, after those that it inherits unless they inherit it too."""
    seen: set[str] = set()
    for start in roles:
        stack = [(start, False)]
        while stack:
            name, done = stack.pop()
            if done:
                yield name
            elif name in roles and name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack.extend((inherited, False) for inherited in roles[name].inherits)


class _Names:
    """Every name there is, each as a bit, and which of them one has, or has not, by holding one."""

    def __init__(self, names: Iterable[str]) -> None:
        self._all = sorted(names)
        self._bits = {name: 1 << at for at, name in enumerate(self._all)}
        self._wild = {name for name in self._all if name == EVERYTHING or name.endswith(".*")}
        self.given = cache(self._given)
        self.denied = cache(self._denied)

    def spelled(self, bits: int) -> Iterator[str]:
        """Yield the names of these bits."""
        return (name for name, bit in self._bits.items() if bit & bits)

    def _given(self, held: str) -> int:
        return sum(self._bits[name] for name in self._near(held) if held in satisfying(name))

    def _denied(self, held: str) -> int:
        return sum(self._bits[name] for name in self._near(held) if touches(held, name))

    def _near(self, held: str) -> Iterable[str]:
        """Return the names that a held one can have to do with: all, for a wildcard."""
        return self._all if held in self._wild else {held, *self._wild}
