"""`python -m config.documents` writes the documents; `--check` only tells which of them are out of date."""

import argparse
import sys

import django


def main() -> int:
    """Write or compare, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m config.documents", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is out of date")
    check = parser.parse_args().check
    django.setup()
    from config.documents import committed

    if not check:
        committed.write()
        print(f"Wrote {', '.join(committed.MAKERS)}")
        return 0
    if stale := committed.list_stale():
        print(f"Out of date in docs/: {', '.join(stale)}. Run `make docs` and commit them.", file=sys.stderr)
        return 1
    print("The documents made of the code are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
