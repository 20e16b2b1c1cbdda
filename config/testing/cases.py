"""The attacks that the service is tried with over HTTP, each by its number, and how many of each group were.

A group is a way to go at a service; a number is kept for good, so that a report can name it. `case("C08")` marks a
test; the run tells how many cases of each group its tests passed, and a test fails when a case has none.
"""

from collections import Counter
from collections.abc import Iterable

import pytest

GROUPS = {
    "A": "telling who has an account",
    "B": "guessing and locking out",
    "C": "tokens",
    "D": "second factors",
    "E": "links and codes that are mailed",
    "F": "registration and profile",
    "G": "permissions, and acting for another person",
    "I": "encrypting and decrypting",
    "M": "the admin",
    "N": "notifications",
    "S": "denial of service",
}
CASES: dict[str, tuple[str, ...]] = {
    "A": ("A01", "A03", "A04", "A06", "A07", "A08", "A10", "A11"),
    "B": ("B01", "B02", "B03", "B04", "B05", "B08", "B09", "B10", "B11", "B12", "B14", "B15", "B17", "B18"),
    "C": (
        *("C01", "C02", "C03", "C04", "C05", "C06", "C07", "C08", "C10", "C11", "C12", "C14", "C15", "C16", "C18"),
        *("C19", "C20", "C22", "C23", "C24", "C25", "C27", "C28", "C29", "C30", "C33", "C34", "C35", "C36"),
    ),
    "D": (
        *("D01", "D02", "D05", "D07", "D08", "D10", "D11", "D12", "D13", "D14", "D15", "D16", "D17", "D19", "D20"),
        *("D21", "D26", "D27", "D28", "D29", "D30", "D33", "D34", "D36", "D37", "D38"),
    ),
    "E": ("E01", "E02", "E05", "E06", "E07", "E11", "E13", "E15", "E16", "E17", "E19", "E20"),
    "F": ("F02", "F03", "F05", "F07", "F08", "F09", "F12", "F15", "F16"),
    "G": (
        *("G01", "G02", "G03", "G04", "G06", "G08", "G09", "G11", "G12", "G13", "G14", "G15", "G16", "G20", "G21"),
        *("G22", "G23"),
    ),
    "I": ("I01", "I02", "I03", "I04", "I05", "I06", "I07", "I08", "I09", "I10", "I14", "I15"),
    "M": ("M01", "M02", "M05", "M06"),
    "N": (
        *("N03", "N04", "N05", "N06", "N08", "N12", "N13", "N14", "N15", "N16", "N17", "N18", "N20", "N21", "N22"),
        *("N23", "N24", "N25", "N27", "N28", "N29", "N31", "N32"),
    ),
    "S": ("S01", "S02", "S03", "S04", "S05", "S06", "S09"),
}
KNOWN = frozenset(number for numbers in CASES.values() for number in numbers)


def case(*numbers: str) -> pytest.MarkDecorator:
    """Mark a test as one that tries these cases. Raises ValueError for a number that is not in the list."""
    if unknown := set(numbers) - KNOWN:
        raise ValueError(f"no such case: {', '.join(sorted(unknown))}")
    return pytest.mark.case(*numbers)


def told(passed: Iterable[str], failed: Iterable[str]) -> list[str]:
    """Return a line for each group: how many of its cases were tried, by how many tests, and which failed.

    `passed` and `failed` name a case once for each test of it that did.
    """
    tests = Counter(passed)
    broken = set(failed)
    lines = []
    for group, numbers in CASES.items():
        held = [number for number in numbers if tests[number] and number not in broken]
        count = sum(tests[number] for number in numbers)
        wrong = f"; FAILED: {', '.join(sorted(broken & set(numbers)))}" if broken & set(numbers) else ""
        lines.append(f"{group} ({GROUPS[group]}): {len(held)} of {len(numbers)} cases held, {count} tests{wrong}")
    return lines
