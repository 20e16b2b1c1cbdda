"""What is shown of a value by itself, in a log or a traceback, holds no secret."""

import ast
import re

import pytest

from config.testing.gates.catalogue import ROOT
from config.tests.test_architecture import python_files

pytestmark = pytest.mark.any_database

SECRET = re.compile(r"(password|secret|token|code|challenge|proof|codes|otpauth_uri|qr_svg)\Z")
PUBLIC = {"accounts/robots.py": ["Issued.challenge"]}  # a riddle for whoever asks
HIDDEN = re.compile(r"\bfield\(.*repr=False")


def decorated(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(one) for one in node.decorator_list)


def shown(source: str) -> list[str]:
    """Return each field of a dataclass that names a secret, is a text, and is in the repr."""
    return [
        f"{node.name}.{one.target.id}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and decorated(node)
        for one in node.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and SECRET.search(one.target.id)
        if ast.unparse(one.annotation) in {"str", "list[str]"} and not (one.value and HIDDEN.search(ast.unparse(one)))
    ]


def test_field_that_shows_a_secret_is_found() -> None:
    body = "@dataclass(frozen=True)\nclass A:\n    name: str\n    password: str\n    code: str = field(repr=False)\n"
    assert shown(body) == ["A.password"]


def test_no_dataclass_shows_a_secret() -> None:
    found = {path.relative_to(ROOT).as_posix(): shown(path.read_text(encoding="utf-8")) for path in python_files()}
    assert {path: fields for path, fields in found.items() if fields and "test" not in path} == PUBLIC
