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


def is_dataclass(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(one) for one in node.decorator_list)


def shows_secret(line: ast.AnnAssign) -> bool:
    """Say whether this line of a dataclass is a text that is named like a secret, and stands in the repr."""
    is_text = ast.unparse(line.annotation) in {"str", "list[str]"}
    return is_text and bool(SECRET.search(ast.unparse(line.target))) and not HIDDEN.search(ast.unparse(line))


def shown(source: str) -> list[str]:
    """Return each field of a dataclass that shows a secret."""
    classes = [node for node in ast.walk(ast.parse(source)) if is_dataclass(node)]
    lines = [(node.name, line) for node in classes if isinstance(node, ast.ClassDef) for line in node.body]
    return [
        f"{name}.{ast.unparse(line.target)}"
        for name, line in lines
        if isinstance(line, ast.AnnAssign) and shows_secret(line)
    ]


def test_field_that_shows_a_secret_is_found() -> None:
    body = "@dataclass(frozen=True)\nclass A:\n    name: str\n    password: str\n    code: str = field(repr=False)\n"
    assert shown(body) == ["A.password"]


def test_no_dataclass_shows_a_secret() -> None:
    found = {path.relative_to(ROOT).as_posix(): shown(path.read_text(encoding="utf-8")) for path in python_files()}
    assert {path: fields for path, fields in found.items() if fields and "test" not in path} == PUBLIC
