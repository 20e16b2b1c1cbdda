"""The file provider: what a developer and the journeys read."""

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from kit.ids import uuid7
from notifications.providers.base import Email, Push, Text, Transient
from notifications.providers.file import FileProvider

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LINK = "http://127.0.0.1:8000/verify-email?token=" + "x" * 43


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.GATEHOUSE_HOME = tmp_path
    return tmp_path


def an_email() -> Email:
    return Email(id=uuid7(), to=("anna@example.com",), subject="Grüße", text=f"Öffne:\n\n{LINK}\n", at=AT)


def test_mail_is_one_whole_message_in_a_file_that_only_its_owner_reads(home: Path) -> None:
    email = an_email()
    receipt = FileProvider().send_email(email)
    [file] = (home / "mail").iterdir()
    assert file.name == receipt.provider_id == f"20261121T120000.000000-{email.id}.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (mail["To"], mail["Subject"]) == ("anna@example.com", "Grüße")
    assert mail.get_content() == email.text


def test_link_stands_alone_on_its_line(home: Path) -> None:
    FileProvider().send_email(an_email())
    [file] = (home / "mail").glob("*.eml")
    assert LINK in file.read_text().split("\n")


def test_line_on_the_terminal_does_not_hold_the_link(capsys: pytest.CaptureFixture[str]) -> None:
    FileProvider().send_email(an_email())
    line = capsys.readouterr().out
    assert ".eml" in line
    assert "token" not in line


def test_other_channels_are_documents_beside_it(home: Path) -> None:
    text = Text(id=uuid7(), channel="whatsapp", to="+4930901820", text="Hallo", at=AT)
    FileProvider().send_sms(text)
    [file] = (home / "mail").glob("*.json")
    told = {"channel": "whatsapp", "to": "+4930901820", "text": "Hallo", "message_id": str(text.id)}
    assert json.loads(file.read_bytes()) == told
    FileProvider().send_push(Push(id=uuid7(), to="device", title="A", body="B", at=AT))
    assert len(list((home / "mail").glob("*.json"))) == 2


def test_disk_that_takes_nothing_may_take_it_later(home: Path) -> None:
    (home / "mail").write_text("in the way")
    with pytest.raises(Transient, match="not_writable"):
        FileProvider().send_email(an_email())


def test_reader_that_looks_for_mail_never_sees_one_half_written(home: Path) -> None:
    seen: list[str] = []
    rename = Path.rename

    def look(draft: Path, target: Path) -> Path:
        seen.extend(file.name for file in (home / "mail").iterdir())
        assert list((home / "mail").glob("*.eml")) == []
        return rename(draft, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "rename", look)
        FileProvider().send_email(an_email())
    assert len(seen) == 1
