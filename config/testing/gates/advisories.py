"""Known vulnerabilities in what is pinned to run, by pip-audit in its strict mode, where its database can be reached.

pip-audit skips a package that it cannot look up and says that all is well. So it is first asked about a release that is
known to be vulnerable: only a database that knows of it is believed. Without one the pins are not audited, which is
told, and is an error where AUDIT_REQUIRED is set (the forge, before a release). AUDIT_OSV_URL names a mirror of the
OSV database to be asked instead.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config.testing.gates.catalogue import ROOT

PINS = "requirements.txt"
KNOWN_TO_BE_VULNERABLE = "django==4.2.1"
DATABASES = ("pypi", "osv")
COULD_NOT_JUDGE = 77
SECONDS = 120


def main() -> int:
    """Audit the pins, or say that nobody did; return the exit status."""
    asked = ("osv",) if os.environ.get("AUDIT_OSV_URL") else DATABASES
    database = next((name for name in asked if knows_vulnerable(name)), None)
    if database is None:
        print(
            f"NOT AUDITED: no database of vulnerabilities answers here ({', '.join(asked)}), so nothing is known "
            f"of {PINS}. This is not a pass: run `make check` where there is internet before a release."
        )
        return 1 if os.environ.get("AUDIT_REQUIRED") else COULD_NOT_JUDGE
    done = _audit(database, ROOT / PINS, "--strict")
    print(done.stdout + done.stderr)
    return 1 if done.returncode else 0


def knows_vulnerable(database: str) -> bool:
    """Tell whether a database answers, by asking it about a release with published vulnerabilities."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.write(f"{KNOWN_TO_BE_VULNERABLE}\n")
        pins.flush()
        try:
            told = json.loads(_audit(database, Path(pins.name), "--format", "json").stdout)
        except (json.JSONDecodeError, subprocess.TimeoutExpired):
            return False
    return any(package.get("vulns") for package in told["dependencies"])


def _audit(database: str, pins: Path, *options: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "pip-audit"
    # The pins are the whole resolved set, so nothing needs to be installed or asked to know it.
    command = [program, "--vulnerability-service", database, "--no-deps", "--disable-pip", "--progress-spinner", "off"]
    if mirror := os.environ.get("AUDIT_OSV_URL"):
        command += ["--osv-url", mirror]
    return subprocess.run(
        [*map(str, command), "--requirement", str(pins), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
