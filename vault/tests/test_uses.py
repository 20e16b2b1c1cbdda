"""What the recorder is told."""

import datetime as dt

import pytest
from django.test import override_settings

from vault import signing_keys
from vault.models import SigningKey

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
told: list[tuple[str, dt.datetime, str, dict[str, str]]] = []


def remember(
    event: str, *, now: dt.datetime, target: str, details: dict[str, str], caller: None, is_refused: bool
) -> None:
    told.append((event, now, target, details))


def fail(event: str, **told: object) -> None:
    raise RuntimeError(event)


@pytest.mark.django_db
def test_each_step_of_a_key_is_told() -> None:
    told.clear()
    SigningKey.objects.all().delete()
    with override_settings(VAULT_RECORDER="vault.tests.test_uses.remember"):
        signing_keys.ensure(now=NOW)
        new = signing_keys.rotate(now=NOW)
        signing_keys.remove_retired(now=NOW + dt.timedelta(days=2))
    assert new is not None
    assert [event.rsplit(".", 1)[1] for event, *_ in told] == ["created"] * 3 + ["activated", "removed"]
    assert told[3][1:3] == (NOW, new.kid)


@pytest.mark.django_db
def test_rotation_that_cannot_be_recorded_does_not_happen() -> None:
    before = SigningKey.objects.get(state="active").kid
    with override_settings(VAULT_RECORDER="vault.tests.test_uses.fail"), pytest.raises(RuntimeError):
        signing_keys.rotate(now=NOW)
    assert SigningKey.objects.get(state="active").kid == before
