"""System checks of the vault. A message names the setting and the entry, never a part of a key."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from kit import seams
from vault import conf, keyring, rotation


def check_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the vault's settings."""
    return [*_keys(), *_algorithm(), *_retention(), *_recorder(), *_lifetime()]


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


def _recorder() -> list[CheckMessage]:
    path = conf.recorder()
    try:
        if path:
            seams.load(path)
    except ImportError:
        return [Error(f"VAULT_RECORDER names {path}, which does not import.", id="vault.E004")]
    return []
