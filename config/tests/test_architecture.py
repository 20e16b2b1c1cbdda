"""The law of the house that import-linter cannot see: budgets, names, permissions of routes, signals, dotted paths."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from config.celery import app as celery

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kit", "vault", "limits", "audit", "notifications", "accounts", "mfa", "roles", "config")
FILE, FUNCTION, CLASS, TEST = 400, 40, 150, 25

# Django's and Celery's own signals that may be listened to, by the file that does.
SIGNALS = {
    "audit/apps.py": {"post_migrate"},
    "roles/apps.py": {"post_migrate"},
    "vault/apps.py": {"post_migrate"},
    "config/apps.py": {"connection_created", "post_migrate"},
    "config/celery.py": {"before_task_publish", "task_prerun", "task_postrun", "setup_logging", "celeryd_init"},
}
# What else is called `connect`.
CONNECTIONS = {"psycopg.connect", "sqlite3.connect"}
# Django's own views, which only lead to a page that asks.
PAGES = {"django.views.generic.base.RedirectView"}


def python_files(*, migrations: bool = False) -> list[Path]:
    """Return every module of the house."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in found if migrations or "migrations" not in path.parts]


def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(), str(path))


def named(path: Path) -> str:
    """Return a path as the messages of these tests show it."""
    return str(path.relative_to(ROOT))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return the number of lines of a definition."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def definitions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Yield every function and class with its file."""
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield path, node


def test_no_file_is_longer_than_its_budget() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > FILE} == {}


def test_no_function_class_or_test_is_longer_than_its_budget() -> None:
    over = {}
    for path, node in definitions():
        is_test = node.name.startswith("test_") and "tests" in path.parts
        budget = CLASS if isinstance(node, ast.ClassDef) else TEST if is_test else FUNCTION
        if length(node) > budget:
            over[f"{named(path)}:{node.lineno} {node.name}"] = f"{length(node)} > {budget}"
    assert over == {}


def test_no_package_or_top_module_has_a_name_of_the_standard_library() -> None:
    names = {*PACKAGES, *(path.stem for path in ROOT.glob("*.py"))}
    assert names & sys.stdlib_module_names == set()


def test_every_package_of_the_house_is_known_here() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == {*PACKAGES, "bench"}


def test_no_module_is_a_drawer_for_anything() -> None:
    drawers = {"services.py", "utils.py", "helpers.py", "common.py", "misc.py", "signals.py"}
    assert [named(path) for path in python_files() if path.name in drawers] == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        named(path)
        for path in python_files()
        if "tests" not in path.parts and path.read_text().strip() and not ast.get_docstring(tree_of(path))
    ]
    assert silent == []


def test_no_signal_is_made_and_none_is_listened_to_beyond_the_named_list() -> None:
    found = {}
    for path in python_files():
        if "tests" not in path.parts and (unknown := signals_in(tree_of(path)) - SIGNALS.get(named(path), set())):
            found[named(path)] = unknown
    assert found == {}


def signals_in(tree: ast.Module) -> set[str]:
    """Return the names of the signals that a module makes (`Signal()`) or connects to (`@receiver`, `.connect`)."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called.rpartition(".")[2] in ("Signal", "ModelSignal", "receiver"):
            found.add(ast.unparse(node))
        elif called.endswith(".connect") and node.args and called not in CONNECTIONS:
            found.add(called.split(".")[-2])
    return found


def test_migrations_are_named() -> None:
    files = [path for path in python_files(migrations=True) if path.parent.name == "migrations"]
    names = [path.stem for path in files if path.stem != "__init__"]
    unnamed = [name for name in names if not re.fullmatch(r"\d{4}_[a-z][a-z0-9_]*", name) or "_auto_" in name]
    assert [name for name in (*unnamed, *names) if name in unnamed or name.endswith("_initial")] == []


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every address with its view, the admin's aside: those have the admin's own permission checks."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def test_every_route_declares_its_permission() -> None:
    undeclared = [path for path, view in routes(get_resolver().url_patterns) if not declares_permission(view)]
    assert undeclared == []


def declares_permission(view: Any) -> bool:
    """Tell whether a view of ours names its permission classes itself, in its class and not by a default."""
    owner = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    ours = [base for base in getattr(owner, "__mro__", ()) if base.__module__.split(".")[0] in PACKAGES]
    named_here = any(base.__dict__.get("permission_classes") for base in ours)
    return named_here or f"{owner.__module__}.{owner.__qualname__}" in PAGES


def test_the_default_permission_refuses_everybody() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == ["kit.permissions.DenyAll"]


def dotted_paths(value: Any) -> Iterator[str]:
    """Yield the strings in a setting that name something in the house."""
    if isinstance(value, str):
        text = str(value)  # a lazy one of a library's own settings is no text yet
        if re.fullmatch(rf"(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+", text):
            yield text
    elif isinstance(value, dict):
        for item in value.values():
            yield from dotted_paths(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from dotted_paths(item)


# A model's label, the module of the settings, the names of Celery's tasks (below).
NOT_PATHS = {"AUTH_USER_MODEL", "SETTINGS_MODULE", "CELERY_BEAT_SCHEDULE"}
PATHS = sorted(
    {
        path
        for name in dir(settings)
        if name.isupper() and name not in NOT_PATHS
        for path in dotted_paths(getattr(settings, name))
    }
)


@pytest.mark.parametrize("path", PATHS)
def test_dotted_path_in_settings_imports(path: str) -> None:
    try:
        __import__(path)
    except ModuleNotFoundError:
        import_string(path)


def test_every_task_of_the_schedule_exists() -> None:
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(celery.tasks) == set()


def test_every_app_can_run_its_tests_alone() -> None:
    apps = [package for package in PACKAGES if package != "config" and (ROOT / package / "tests").exists()]
    without = [app for app in apps if not (ROOT / app / "tests" / "settings.py").exists()]
    assert without == []
