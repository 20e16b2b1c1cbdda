"""Secrets left in files: what detect-secrets finds in every file of the repository beyond `.secrets.baseline`.

The baseline holds what somebody has looked at and found to be no secret (examples, test vectors, passwords that open
nothing): `is_secret` is false on each. Whoever adds such a thing runs this with `--renew`, which asks nobody: look at
the diff of the baseline before you commit it.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from detect_secrets.__version__ import VERSION
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from config.testing.gates.catalogue import ROOT

BASELINE = ROOT / ".secrets.baseline"
# Made of files that are looked at themselves, or full of digests by nature.
NOT_LOOKED_AT = {"docs/api.md", "docs/openapi.yaml", "package-lock.json", BASELINE.name}
Finding = tuple[str, str, str]  # file, kind, hash of the text: not its line, which moves


def list_files() -> list[str]:
    """Return every file that is or would be committed. Raises CalledProcessError outside a git checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = {name for name in told.split("\0") if not NOT_LOOKED_AT & {name, name.rpartition("/")[2]}}
    return sorted(name for name in names if name and (ROOT / name).is_file())


def findings(results: dict[str, Any]) -> Iterator[tuple[Finding, dict[str, Any]]]:
    """Yield each finding with what was noted of it."""
    for name, secrets in results.items():
        for secret in secrets:
            yield (name, secret["type"], secret["hashed_secret"]), secret


def find_new(files: list[str]) -> list[str]:
    """Return a line for each finding in these files that nobody has looked at."""
    known = json.loads(BASELINE.read_text(encoding="utf-8"))
    looked_at = {finding for finding, noted in findings(known["results"]) if noted.get("is_secret") is False}
    found = findings(_scan(files, known))
    return [f"{one[0]}:{noted['line_number']} {one[1]}" for one, noted in found if one not in looked_at]


def renew(files: list[str]) -> None:
    """Write what is found in these files into the baseline, as no secret."""
    known = json.loads(BASELINE.read_text(encoding="utf-8"))
    found = _scan(files, known)
    for _, noted in findings(found):
        noted["is_secret"] = False
    BASELINE.write_text(json.dumps({**known, "version": VERSION, "results": found}, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Tell what is new, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.testing.gates.secrets_left", description=__doc__)
    parser.add_argument("--renew", action="store_true", help="write what is found now into the baseline")
    if parser.parse_args().renew:
        renew(list_files())
        print(f"Wrote {BASELINE.name}: look at its diff.")
        return 0
    new = find_new(list_files())
    advice = "Take it out and replace it wherever it is used. If it is none: `make baseline`, and look at its diff."
    print("\n".join([*new, advice] if new else ["No secret beyond the baseline."]))
    return 1 if new else 0


def _scan(files: list[str], known: dict[str, Any]) -> dict[str, Any]:
    """Return what is found, in the shape of a baseline and with its settings."""
    with transient_settings({key: known[key] for key in ("plugins_used", "filters_used")}):
        found = SecretsCollection(root=str(ROOT))
        found.scan_files(*files)
        return found.json()


if __name__ == "__main__":
    sys.exit(main())
