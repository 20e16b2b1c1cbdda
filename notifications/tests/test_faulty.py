"""The provider that fails by a script."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kit.ids import uuid7
from notifications.providers.base import (
    Ambiguous,
    Email,
    Misconfigured,
    Permanent,
    Push,
    RateLimited,
    SendingFailed,
    Text,
    Transient,
)
from notifications.providers.faulty import FaultyProvider

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.GATEHOUSE_HOME = tmp_path
    settings.NOTIFICATIONS_FAULTS = str(tmp_path / "script.json")
    return tmp_path


def write(home: Path, *steps: dict[str, Any]) -> None:
    (home / "script.json").write_text(json.dumps(steps))


def delivered(home: Path) -> list[dict[str, Any]]:
    path = home / "faulty" / "delivered.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def a_text() -> Text:
    return Text(id=uuid7(), key="k", channel="sms", to="+4930901820", text="Secret 123456", at=AT)


def verdicts(provider: FaultyProvider, count: int) -> list[str]:
    """Send so many messages, and return what became of each."""
    found = []
    for _ in range(count):
        try:
            provider.send_sms(a_text())
        except SendingFailed as failure:
            found.append(type(failure).__name__)
        else:
            found.append("taken")
    return found


@pytest.mark.parametrize(
    ("deed", "failure", "takes"),
    [
        ("refuse", Permanent, False),
        ("lose", Ambiguous, True),
        ("cut", Ambiguous, False),
        ("down", Transient, False),
        ("busy", RateLimited, False),
        ("locked_out", Misconfigured, False),
    ],
)
def test_each_deed_fails_in_its_own_way(home: Path, deed: str, failure: type[SendingFailed], takes: bool) -> None:
    write(home, {"do": deed, "retry_after": 7})
    with pytest.raises(failure) as caught:
        FaultyProvider().send_sms(a_text())
    assert bool(delivered(home)) is takes
    assert getattr(caught.value, "retry_after", 7) == 7


def test_what_it_takes_is_written_down_without_what_it_says(home: Path) -> None:
    write(home, {"do": "take"})
    provider, text = FaultyProvider(), a_text()
    provider.send_sms(text)
    provider.send_email(Email(id=uuid7(), to=("a@example.com",), subject="S", text="T", at=AT))
    provider.send_push(Push(id=uuid7(), to="device", title="T", body="B", at=AT))
    lines = delivered(home)
    assert [line["channel"] for line in lines] == ["sms", "email", "push"]
    assert (lines[0]["id"], lines[0]["key"], lines[0]["to"]) == (str(text.id), "k", ["+4930901820"])
    assert "123456" not in json.dumps(lines)


def test_steps_hold_for_their_messages_and_begin_again(home: Path) -> None:
    write(home, {"do": "take", "times": 2}, {"do": "down"})
    assert verdicts(FaultyProvider(), 6) == ["taken", "taken", "Transient"] * 2


def test_step_may_hold_for_a_time(home: Path) -> None:
    write(home, {"do": "down", "seconds": 0.05}, {"do": "take", "seconds": 60, "wait": 0.01})
    provider = FaultyProvider()
    found = verdicts(provider, 1)
    while found[-1] == "Transient":
        found += verdicts(provider, 1)
    assert (found[0], found[-1]) == ("Transient", "taken")


def test_another_script_is_taken_up(home: Path) -> None:
    write(home, {"do": "down"})
    provider = FaultyProvider()
    assert verdicts(provider, 1) == ["Transient"]
    write(home, {"do": "take"})
    os.utime(home / "script.json", (1, 1))
    assert verdicts(provider, 1) == ["taken"]


def test_without_a_script_it_takes_everything(settings: Any) -> None:
    settings.NOTIFICATIONS_FAULTS = ""
    provider = FaultyProvider()
    assert (provider.health(), verdicts(provider, 2)) == ("ok", ["taken", "taken"])


@pytest.mark.parametrize(
    "script",
    ["", "{}", "[]", "[1]", '[{"do": "dance"}]', '[{"do": "take", "times": 0}]', '[{"do": "take", "wait": "long"}]',
     '[{"do": "take", "often": 1}]', '[{"do": "down", "seconds": true}]'],
)  # fmt: skip
def test_script_that_cannot_be_gone_through_is_told(home: Path, script: str) -> None:
    (home / "script.json").write_text(script)
    assert FaultyProvider().health() == "bad_script"
