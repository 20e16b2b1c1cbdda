"""Files that go along with a mail: what is taken, how it is kept, and when it goes."""

import base64
import io
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.errors import PermissionRefused
from notifications import attachments
from notifications.attachments import Upload
from notifications.models import Attachment, Message
from notifications.providers.file import FileProvider
from notifications.testing import deliver_all
from notifications.tests.callers import SEND, CallerClient

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifications.tests.urls")]

PDF = b"%PDF-1.4\n%EOF\n"
MAIL = {"to": "anna@example.com", "subject": "Your invoice", "text": "It is attached."}


def a_file(
    filename: str = "invoice.pdf", content_type: str = "application/pdf", content: bytes = PDF
) -> dict[str, str]:
    return {"filename": filename, "content_type": content_type, "content": base64.b64encode(content).decode()}


def send(*files: Any) -> Any:
    return CallerClient(SEND).send_email(MAIL | {"attachments": list(files)})


def archive_with(*members: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return made.getvalue()


GOOD = [
    ("a.pdf", "application/pdf", PDF),
    ("Grüße.png", "image/png", b"\x89PNG\r\n\x1a\nx"),
    ("a.JPG", "image/jpeg", b"\xff\xd8\xff\xe0"),
    ("a.gif", "image/gif", b"GIF89a"),
    ("a.webp", "image/webp", b"RIFF0000WEBP"),
    ("a.txt", "text/plain", "Grüße".encode()),
    ("a.csv", "text/csv", b"a;b\r\n"),
    ("a.ics", "text/calendar", b"BEGIN:VCALENDAR"),
    ("a.json", "application/json", b"{}"),
    ("a.zip", "application/zip", archive_with("a")),
    (
        "a.docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        archive_with("word/document.xml"),
    ),
    ("a.odt", "application/vnd.oasis.opendocument.text", archive_with("content.xml")),
]


@pytest.mark.parametrize(("filename", "content_type", "content"), GOOD)
def test_file_of_an_allowed_type_arrives_byte_by_byte(filename: str, content_type: str, content: bytes) -> None:
    assert send(a_file(filename, content_type, content)).status_code == 202
    [mail] = deliver_all()
    [file] = mail.files
    assert (file.filename, file.content_type, file.open()) == (filename, content_type, content)
    assert "open=" not in repr(file)


BAD = [
    (a_file("a.pdf", content=b"MZ\x90"), "attachments.0.content"),
    (a_file("a.pdf", content=b"\x89PNG\r\n\x1a\n"), "attachments.0.content"),
    (a_file("a.txt", "text/plain", b"#!/bin/sh\n"), "attachments.0.content"),
    (a_file("a.txt", "text/plain", b"\xff\xfe"), "attachments.0.content"),
    (a_file("a.webp", "image/webp", b"RIFF"), "attachments.0.content"),
    (a_file("a.zip", "application/zip", b"PK\x03\x04"), "attachments.0.content"),
    (a_file("a.docx", GOOD[10][1], archive_with("a")), "attachments.0.content"),
    (a_file(content=b""), "attachments.0.content"),
    (a_file() | {"content": "%%%"}, "attachments.0.content"),
    (a_file() | {"content": 5}, "attachments.0.content"),
    (a_file("a.pdf.exe"), "attachments.0.filename"),
    (a_file("../../etc/a.pdf"), "attachments.0.filename"),
    (a_file("..\\a.pdf"), "attachments.0.filename"),
    (a_file("a\r\nX: y.pdf"), "attachments.0.filename"),
    (a_file("a\u202efdp.pdf"), "attachments.0.filename"),
    (a_file(".pdf"), "attachments.0.filename"),
    (a_file("a" * 147 + ".pdf"), "attachments.0.filename"),
    (a_file("é" * 130 + ".pdf"), "attachments.0.filename"),
    (a_file("a.html", "text/html", b"<p>"), "attachments.0.content_type"),
    (a_file("a.exe", "application/x-msdownload", b"MZ"), "attachments.0.content_type"),
    ({"path": "/etc/passwd"}, None),
    ({"url": "file:///etc/passwd"}, None),
    ("/etc/passwd", None),
]


@pytest.mark.parametrize(("file", "field"), BAD)
def test_file_that_is_not_what_it_says_or_leads_elsewhere_is_refused(file: Any, field: str | None) -> None:
    answer = send(file)
    fields = [error["field"] for error in answer.json()["errors"]]
    assert answer.status_code == 400
    assert all(name.startswith("attachments.0") for name in fields)
    assert field is None or fields == [field]
    assert not Message.objects.exists()


def test_more_than_ten_files_and_more_than_ten_mebibytes_are_refused() -> None:
    assert send(*[a_file()] * 10).status_code == 202
    assert send(*[a_file()] * 11).status_code == 400
    half = a_file(content=PDF + b"x" * (5 * 1024**2))
    answer = send(half, half)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_large")


def test_archive_of_very_many_files_is_refused_unread() -> None:
    many = archive_with(*[f"{number:0100d}" for number in range(4_000)])
    assert send(a_file("a.zip", "application/zip", many)).status_code == 400
    assert send(a_file("a.zip", "application/zip", archive_with(*map(str, range(100))))).status_code == 202


def test_types_may_be_fewer_by_a_setting(settings: Any) -> None:
    settings.NOTIFICATIONS_ATTACHMENT_TYPES = ["image/png"]
    assert send(a_file()).status_code == 400
    assert send(a_file("a.png", "image/png", b"\x89PNG\r\n\x1a\n")).status_code == 202


def refuse(_upload: Upload) -> None:
    raise PermissionRefused("This file holds a virus.")


def fail(_upload: Upload) -> None:
    raise OSError("no scanner")


@pytest.mark.parametrize(("scanner", "status"), [("refuse", 400), ("fail", 503)])
def test_scanner_that_refuses_or_cannot_tell_lets_nothing_in(settings: Any, scanner: str, status: int) -> None:
    settings.NOTIFICATIONS_ATTACHMENT_SCANNER = f"{__name__}.{scanner}"
    assert send(a_file()).status_code == status
    assert not Message.objects.exists()


def test_bytes_go_once_the_mail_has_gone_and_stay_while_it_waits(now: datetime) -> None:
    send(a_file())
    assert attachments.discard_spent(now) == 0
    deliver_all()
    assert attachments.discard_spent(now) == 1
    row = Attachment.objects.defer(None).get()
    assert (row.content, row.removed_at, row.size) == (None, now, len(PDF))


def test_bytes_of_a_failed_mail_stay_for_three_days(now: datetime) -> None:
    send(a_file())
    Message.objects.update(status=Message.Status.FAILED, due_at=None)
    assert attachments.discard_spent(now + timedelta(days=2)) == 0
    assert attachments.discard_spent(now + timedelta(days=4)) == 1


def test_mail_whose_file_is_gone_is_not_sent_without_it(settings: Any, tmp_path: Any, now: datetime) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = ["file"]
    settings.GATEHOUSE_HOME = tmp_path
    send(a_file())
    Attachment.objects.update(content=None)
    deliver_all()
    assert Message.objects.get().failure == "file_gone"


def test_whole_mail_holds_the_file_as_an_attachment_in_base64(settings: Any, tmp_path: Any) -> None:
    settings.GATEHOUSE_HOME = tmp_path
    send(a_file("Rechnung März.pdf"))
    [mail] = deliver_all()
    FileProvider().send_email(mail)
    [written] = (tmp_path / "mail").iterdir()
    text = written.read_text()
    assert base64.b64encode(PDF).decode() in text
    assert "Content-Disposition: attachment" in text
