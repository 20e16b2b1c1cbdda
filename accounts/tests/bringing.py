"""Files of people for tests, and the command that takes them in."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import bcrypt
from django.core.management import call_command

from accounts.testing import PASSWORD

HASH = bcrypt.hashpw(PASSWORD.encode(), b"$2b$04$abcdefghijklmnopqrstuu").decode()


def people(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"email": f"person-{number}@example.com", "password_hash": HASH, **more} for number in range(count)]


def written(directory: Path, rows: list[Any], name: str = "people.jsonl") -> Path:
    path = directory / name
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def bring(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("accounts_import", path, stdout=out, **options)
    return out.getvalue()


def refused(path: Path) -> dict[int, str]:
    with path.with_name(f"{path.name}.refused.csv").open(encoding="utf-8") as file:
        return {int(line["line"]): line["reason"] for line in csv.DictReader(file)}
