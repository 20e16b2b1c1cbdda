"""Every column that holds something sealed is known to the rotation of root keys."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import BinaryField

from config.environment import BASE_DIR
from vault.fields import everywhere

pytestmark = pytest.mark.any_database

# Columns of bytes that are not under the keyring, and why.
OTHERS = {
    "accounts.RefreshToken.successor": "sealed under a key that only the holder of the token before it can make",
    "notifications.Attachment.content": "a caller's file, in clear as its text is, and gone once the message is",
    "mfa.Passkey.public_key": "public",
    "mfa.Ceremony.challenge": "random, told to whoever asks, and good once",
}
# Who may call what seals: columns that are registered, and texts that nobody stores here.
SEALERS = {
    "seal": {"vault/fields.py", "vault/resealing.py", "vault/opaque.py", "vault/ciphertexts.py"},
    "seal_under": {"accounts/refresh.py"},
}
LABELS = {
    "mfa.message_factor.to",
    "mfa.totp.key",
    "notifications.provider_account.credentials",
    "notifications.push_target.target",
    "vault.SigningKey.sealed",
}


def sources() -> list[Path]:
    return [path for path in BASE_DIR.glob("[a-z]*/**/*.py") if not {"tests", "testing"} & set(path.parts)]


def callers_of(name: str) -> set[str]:
    """Return the modules that call `sealing.<name>`, or import it by itself."""
    texts = {path.relative_to(BASE_DIR).as_posix(): path.read_text(encoding="utf-8") for path in sources()}
    likely = {path: ast.walk(ast.parse(text)) for path, text in texts.items() if "vault" in text and name in text}
    return {path for path, nodes in likely.items() if any(names(node, name) for node in nodes)}


def names(node: ast.AST, name: str) -> bool:
    """Say whether a node is `sealing.<name>`, or an import of that name."""
    match node:
        case ast.Attribute(value=ast.Name(id="sealing"), attr=attribute):
            return attribute == name
        case ast.ImportFrom(names=imported):
            return name in {alias.name for alias in imported}
    return False


def test_every_column_of_bytes_is_encrypted_or_says_why_not() -> None:
    binary = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, BinaryField)
    }
    assert binary == set(OTHERS)


@pytest.mark.parametrize("name", SEALERS)
def test_nobody_else_seals(name: str) -> None:
    assert callers_of(name) == SEALERS[name]


def test_labels_stay_what_they_are() -> None:
    assert {column.label for column in everywhere()} == LABELS
