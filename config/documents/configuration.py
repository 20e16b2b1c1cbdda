"""docs/configuration.md: what an operator sets in the environment, and what a settings module of one's own may."""

from collections.abc import Iterable

from django.conf import global_settings

from config import settings, variables
from config.documents import markdown, readings
from config.documents.markdown import code
from config.documents.readings import Reading
from config.environment import Maker, VaultKeys

KINDS = {bool: "true or false", int: "whole number", str: "text", tuple: "list", list: "list", dict: "mapping"}

INTRODUCTION = """\
Everything is an environment variable, or a line of `.env` beside `manage.py` (the environment wins). Each can also be
read from a file: `SECRET_KEY_FILE=/run/secrets/key` instead of `SECRET_KEY=…`, and so for every name below. Values are
taken as they stand: no quotes, no comments behind them. Lists are separated by commas; switches take `true` or `false`,
`yes` or `no`, `on` or `off`, `1` or `0`. An empty value is none.

What cannot be accepted is told at the start, one line for each setting and never its value, and nothing starts."""

PRODUCTION = f"""\
## What production insists on

`SECRET_KEY` and `VAULT_KEYS` given and strong; `PUBLIC_URL` with `https://`; `ALLOWED_HOSTS` and `CORS_ORIGINS` without
wildcards; `EMAIL_HOST`, with TLS unless it is this machine; a database that answers. These make the two secrets:

```sh
{Maker.recipe}    # SECRET_KEY
{VaultKeys.recipe}    # VAULT_KEYS
```"""

APPS = """\
## Settings of the apps

No environment variable sets these: few installations need to. Write a settings module of your own that begins with
`from config.settings import *`, set them there, and name it in `DJANGO_SETTINGS_MODULE`. A project that takes some of
the apps without the rest sets them in the same way. Where `config/settings.py` sets one, it is marked with *."""


def make() -> str:
    """Return the document. Raises LookupError for a setting that nothing explains."""
    return markdown.page("Configuration", INTRODUCTION, *_sections(), PRODUCTION, APPS, *_apps())


def list_unexplained() -> list[str]:
    """Return the settings that an app reads and no `conf.py` explains."""
    return sorted({reading.name for reading in _of_apps()} - readings.meanings().keys())


def _sections() -> Iterable[str]:
    for section in variables.env.sections:
        rows = [[code(one.name), one.kind, one.default or "none", one.meaning] for one in section.variables]
        yield f"## {section.title}"
        yield section.text
        yield markdown.table(("variable", "value", "default", "meaning"), rows)


def _apps() -> Iterable[str]:
    if unexplained := list_unexplained():
        raise LookupError(f"Nothing says what these mean (a line `NAME: …` in conf.py does): {', '.join(unexplained)}")
    meanings = readings.meanings()
    found = _of_apps()
    for app in readings.APPS:
        rows = [
            [_marked(one.name), _kind(one), _default(one), _sentence(meanings[one.name])]
            for one in found
            if one.app == app
        ]
        if rows:
            yield f"### {app}"
            yield markdown.table(("setting", "type", "default", "meaning"), rows)


def _of_apps() -> list[Reading]:
    """Return what the apps read besides the environment's settings and those that Django itself documents."""
    elsewhere = {one.name for section in variables.env.sections for one in section.variables} | set(
        dir(global_settings)
    )
    return [reading for reading in readings.list_readings() if reading.name not in elsewhere]


def _kind(reading: Reading) -> str:
    """Return the type of a setting's values: what its function returns, else what its default or our value is."""
    if reading.kind:
        return reading.kind
    unknown = (readings.REQUIRED, readings.WORKED_OUT)
    value = getattr(settings, reading.name, None) if reading.default in unknown else reading.default
    return KINDS.get(type(value), "")


def _default(reading: Reading) -> str:
    if reading.default is readings.REQUIRED:
        return "must be set"
    if reading.default is readings.WORKED_OUT:
        return "see there"
    shown = ",".join(reading.default) if isinstance(reading.default, tuple) else reading.default
    return "none" if shown in ("", {}) else code(str(shown))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _marked(name: str) -> str:
    return code(name) + ("*" if hasattr(settings, name) else "")
