"""The OpenAPI document and its committed snapshot: `python -m config.testing.schema` renews it, `--check` compares.

A change of the published interface is thereby always visible in a diff.
"""

import argparse
import difflib
import io
import sys
from pathlib import Path

import django
from django.core.management import CommandError, call_command

SNAPSHOT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


def main() -> int:
    """Write or compare the snapshot and return the exit status; a warning of the generator is an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    django.setup()
    written = io.StringIO()
    try:
        call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)
    except CommandError as error:
        print(f"The OpenAPI document is not valid: {error}", file=sys.stderr)
        return 1
    if not check:
        SNAPSHOT.write_text(written.getvalue())
        print(f"Wrote {SNAPSHOT.name}")
        return 0
    old = SNAPSHOT.read_text() if SNAPSHOT.exists() else ""
    difference = list(
        difflib.unified_diff(old.splitlines(), written.getvalue().splitlines(), "committed", "now", lineterm="")
    )
    if difference:
        print("\n".join(difference[:60]))
        print(f"\n{SNAPSHOT.name} is not what the service publishes: run `make schema` and commit it.", file=sys.stderr)
        return 1
    print("The OpenAPI document is valid and equal to its snapshot.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
