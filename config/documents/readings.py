"""Which settings the apps read, found in their source, and what `conf.py` of each app says that they mean.

A meaning is a line `NAME: …` in a docstring of `<app>/conf.py`: of the function that reads it, or of the module.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.environment import BASE_DIR

APPS = ("kit", "vault", "limits", "audit", "notifications", "accounts", "mfa", "roles")
REQUIRED = object()  # no default: the app fails without the setting
WORKED_OUT = object()  # a default that depends on other settings; its meaning says how

_MEANING = re.compile(r"^(?:- )?`?([A-Z][A-Z0-9_<>]+)`?: (.+?)(?=\n\s*\n|\n- |\Z)", re.DOTALL | re.MULTILINE)
_TYPES = {
    "int": "whole number",
    "float": "number",
    "str": "text",
    "bool": "true or false",
    "tuple[str, ...]": "list",
    "dt.timedelta": "seconds",
    "timedelta": "seconds",
}
_COUNTED = {ast.Add: int.__add__, ast.Sub: int.__sub__, ast.Mult: int.__mul__}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One setting that an app reads. `kind` is empty where its function does not tell."""

    app: str
    name: str
    kind: str
    default: Any


def list_readings() -> list[Reading]:
    """Return what the apps read, each setting once, from the lowest floor up; `conf.py` of an app before the rest."""
    found: dict[str, Reading] = {}
    for app in APPS:
        for path in _modules(BASE_DIR / app):
            for reading in _readings_of(app, path):
                found.setdefault(reading.name, reading)
    return list(found.values())


def meanings() -> dict[str, str]:
    """Return the meaning of each setting that some `conf.py` explains."""
    found: dict[str, str] = {}
    for app in APPS:
        path = BASE_DIR / app / "conf.py"
        if path.exists():
            for docstring in _docstrings(ast.parse(path.read_text(encoding="utf-8"))):
                found |= {name: " ".join(text.split()) for name, text in _MEANING.findall(docstring)}
    return found


def _modules(app: Path) -> list[Path]:
    paths = [path for path in sorted(app.rglob("*.py")) if not _is_for_tests(path.relative_to(app))]
    return sorted(paths, key=lambda path: path.name != "conf.py")


def _is_for_tests(path: Path) -> bool:
    return bool({"tests", "testing", "migrations"} & set(path.parts)) or path.name in {"testing.py", "conftest.py"}


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in (tree, *ast.walk(tree)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            yield ast.get_docstring(node) or ""


def _readings_of(app: str, path: Path) -> Iterator[Reading]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = _constants_of(tree)
    for scope in (*(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)), tree):
        returns = ast.unparse(scope.returns) if isinstance(scope, ast.FunctionDef) and scope.returns else ""
        kind = _TYPES.get(returns, "") if path.name == "conf.py" else ""
        for node in ast.walk(scope):
            name, default = _read_by(node)
            if name:
                value = _value_of(default, constants) if default else REQUIRED
                yield Reading(app=app, name=name, kind=kind, default=value)


def _constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _read_by(node: ast.AST) -> tuple[str, ast.expr | None]:
    """Return name and default of the setting that an expression reads, no name for any other expression."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id="settings"), name, default]):
            return _named(name), default
        case ast.Call(func=ast.Attribute(attr="load_all"), args=[ast.Constant(value=str(name))]):
            return name, ast.Tuple([])
        case ast.Attribute(value=ast.Name(id="settings"), attr=name) if name.isupper():
            return name, None
    return "", None


def _named(node: ast.expr) -> str:
    """Return a name, also one that is put together: `NOTIFICATIONS_<CHANNEL>_PROVIDERS`."""
    match node:
        case ast.Constant(value=str(name)):
            return name
        case ast.JoinedStr(values=values):
            return "".join(_named(value) for value in values)
        case ast.FormattedValue(value=value):
            return f"<{next(part.id for part in ast.walk(value) if isinstance(part, ast.Name)).upper()}>"
    return ""  # a name that the caller gives: it is found where it is given


def _value_of(node: ast.expr, constants: dict[str, ast.expr]) -> Any:
    """Return what an expression of constants is worth, WORKED_OUT for any other."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _COUNTED:
            values = _value_of(left, constants), _value_of(right, constants)
            return WORKED_OUT if WORKED_OUT in values else _COUNTED[type(op)](*values)
        case ast.Name(id=name) if name in constants:
            return _value_of(constants[name], constants)
    try:
        return ast.literal_eval(node)
    except ValueError:
        return WORKED_OUT
