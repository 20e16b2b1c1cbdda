"""System checks of the vault. A message names the setting and the entry, never a part of a key."""

import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - as Django calls it

from kit import seams
from vault import conf, fields, keyring, rotation


def check_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the vault's settings."""
    return [*_keys(), *_algorithm(), *_retention(), *_paths(), *_lifetime(), *_labels(), *_shown(), *_file()]


def _keys() -> list[CheckMessage]:
    try:
        keyring.parse(conf.keys())
    except keyring.BadKeys as error:
        hint = "VAULT_KEYS is id:base64-of-32-random-bytes, comma-separated, the active key first."
        return [Error(str(error), hint=hint, id="vault.E001")]
    return []


def _algorithm() -> list[CheckMessage]:
    if conf.signing_algorithm() in conf.ALGORITHMS:
        return []
    return [Error("VAULT_SIGNING_ALGORITHM is neither ES256 nor EdDSA.", id="vault.E002")]


def _retention() -> list[CheckMessage]:
    if conf.retired_keys_kept().total_seconds() > 0:
        return []
    return [Error("VAULT_RETIRED_KEYS_KEPT is not a positive number of seconds.", id="vault.E003")]


def _lifetime() -> list[CheckMessage]:
    lifetime, least = conf.signing_key_lifetime(), rotation.PUBLISHED_FIRST
    if not lifetime or lifetime >= least:
        return []
    seconds = int(least.total_seconds())
    told = f"VAULT_SIGNING_KEY_LIFETIME is neither 0 nor {seconds} or more: the next key is published that long first."
    return [Error(told, id="vault.E005")]


def _paths() -> list[CheckMessage]:
    named = {
        "VAULT_RECORDER": [conf.recorder()],
        "VAULT_LIMITER": [conf.limiter()],
        "VAULT_KEY_HOLDERS": conf.holders(),
    }
    return [
        Error(f"{setting} names {path}, which does not import.", id="vault.E004")
        for setting, paths in named.items()
        for path in paths
        if path and not _imports(path)
    ]


def _imports(path: str) -> bool:
    try:
        seams.load(path)
    except ImportError:
        return False
    return True


def _labels() -> list[CheckMessage]:
    columns = Counter(column.label for column in fields.everywhere())
    told = "{} is the label of several encrypted fields: what is sealed in one could be moved to another."
    return [Error(told.format(label), id="vault.E006") for label, number in columns.items() if number > 1]


def _shown() -> list[CheckMessage]:
    """Find pages of the admin that would show in clear what is encrypted."""
    if not apps.is_installed("django.contrib.admin"):
        return []
    from django.contrib.admin.sites import all_sites  # noqa: PLC0415 - loads models, and only where there is an admin

    return [
        Error(f"{type(page).__name__} shows {column}, which is encrypted.", id="vault.E007")
        for site in all_sites
        for page in site._registry.values()  # noqa: SLF001 - as Django's own checks read it
        for column in fields.everywhere()
        if column.model is page.model and column.name in {*page.list_display, *page.readonly_fields}
    ]


def _file() -> list[CheckMessage]:
    """Warn of a file of keys that is open to everybody. No error: in a container there may be nobody else."""
    path = Path(conf.keys_file())
    if not path.is_file() or not path.stat().st_mode & stat.S_IROTH:
        return []
    told = "Every user of this machine can read VAULT_KEYS_FILE."
    return [Warning(told, hint="chmod o= on it; for a mounted secret, a mode of 0440.", id="vault.W001")]
