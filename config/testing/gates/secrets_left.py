"""Secrets left in files: what detect-secrets finds in every file of the repository beyond `.secrets.baseline`.

The baseline holds what somebody has looked at and found to be no secret (examples, test vectors, passwords that open
nothing): `is_secret` is false on each, and each is still there. Whoever adds or removes such a thing runs this with
`--renew`, which asks nobody: look at the diff of the baseline before you commit it. No remark in a file hides a line.
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
    """Return every file that is or would be committed.

    Raises CalledProcessError outside a git checkout, and LookupError in one that holds other files than these.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = {name for name in told.split("\0") if not NOT_LOOKED_AT & {name, name.rpartition("/")[2]}}
    files = sorted(name for name in names if name and (ROOT / name).is_file())
    if not files:
        raise LookupError(f"git lists no file of {ROOT}, so nothing would be looked at")
    return files


def findings(results: dict[str, Any]) -> Iterator[tuple[Finding, dict[str, Any]]]:
    """Yield each finding with what was noted of it."""
    for name, secrets in results.items():
        for secret in secrets:
            yield (name, secret["type"], secret["hashed_secret"]), secret


def find_differences(files: list[str]) -> tuple[list[str], list[str]]:
    """Return a line for each finding that nobody has looked at, and for each of the baseline that is gone."""
    known = json.loads(BASELINE.read_text(encoding="utf-8"))
    looked_at = {finding for finding, noted in findings(known["results"]) if noted.get("is_secret") is False}
    found = list(findings(_scan(files, known)))
    new = [f"{one[0]}:{noted['line_number']} {one[1]}" for one, noted in found if one not in looked_at]
    return new, sorted(f"{name} {kind}" for name, kind, _ in looked_at - {one for one, _ in found})


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
    new, gone = find_differences(list_files())
    if new:
        print(*new, sep="\n")
        print("Take it out and replace it wherever it is used. If it is none: `make baseline`, and look at its diff.")
    if gone:
        print(*gone, "In the baseline, and no longer in the files: `make baseline`.", sep="\n")
    if not new and not gone:
        print("No secret beyond the baseline.")
    return 1 if new or gone else 0


def _scan(files: list[str], known: dict[str, Any]) -> dict[str, Any]:
    """Return what is found, in the shape of a baseline and with its settings."""
    with transient_settings({key: known[key] for key in ("plugins_used", "filters_used")}):
        found = SecretsCollection(root=str(ROOT))
        found.scan_files(*files)
    in_files: dict[str, Any] = found.json()
    for (name, _, _), noted in findings(in_files):
        noted["filename"] = name  # not where this checkout happens to lie
    return in_files


if __name__ == "__main__":
    sys.exit(main())
