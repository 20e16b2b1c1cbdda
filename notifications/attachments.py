"""Files that go along with a mail: uploaded bytes alone, of allowed types, under names that are nothing but names.

Their bytes are rows of the database, written with their message: there is no folder for processes to share, none that
a web server could show, and nothing is left behind when a request dies half-way. They go once the mail has gone.
"""

import base64
import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

import structlog
from django.db import DatabaseError, connection
from django.db.models import Q

from kit import seams
from kit.errors import Invalid, Refusal, Unavailable
from notifications import conf
from notifications.models import Attachment, Message
from notifications.providers.base import Deferred, File, Permanent

log = structlog.get_logger(__name__)

MAX_FILES = 10
MAX_BYTES = 10 * 1024**2  # of all the files of a message
MAX_NAME = 150  # characters
MAX_NAME_BYTES = 255
MAX_DIRECTORY = 512 * 1024  # bytes of the list of files in an archive
KEPT_AFTER_FAILURE = timedelta(days=3)  # so that staff may try again
_AT_ONCE = 200
_SCANNER_PAUSE = 5

_SEPARATORS = re.compile(r'[/\\:*?"<>|]')
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # control, direction, half characters, line ends

# Programs, whatever they call themselves: Windows, Linux, macOS, Java, scripts.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file as a caller sent it, decoded."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Type:
    """What a type's files are called, and how one knows them."""

    endings: tuple[str, ...]
    is_such: Callable[[bytes], bool]


def _begins(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magics)


def _is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode()
    except UnicodeDecodeError:
        return False


def _is_archive_with(*members: str) -> Callable[[bytes], bool]:
    """Return a test for an archive that holds one of these files: what makes it a document. Nothing is unpacked."""

    def is_such(content: bytes) -> bool:
        if not _has_short_directory(content):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return not members or not set(members).isdisjoint(archive.namelist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            return False

    return is_such


def _has_short_directory(content: bytes) -> bool:
    """Tell whether an archive's list of files is short enough to be read: each entry costs far more than its bytes."""
    whole, last = content[-22:], content.rfind(b"PK\x05\x06")
    start = len(content) - 22 if whole.startswith(b"PK\x05\x06") and whole.endswith(b"\0\0") else last
    is_large = content[max(0, start - 20) : max(0, start - 16)] == b"PK\x06\x07"  # its length is said elsewhere (ZIP64)
    length = int.from_bytes(content[start + 12 : start + 16], "little")
    return start >= 0 and not is_large and length <= MAX_DIRECTORY


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TYPES: dict[str, _Type] = {
    "application/pdf": _Type((".pdf",), _begins(b"%PDF-")),
    "image/png": _Type((".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    "image/jpeg": _Type((".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
    "image/gif": _Type((".gif",), _begins(b"GIF87a", b"GIF89a")),
    "image/webp": _Type((".webp",), _is_webp),
    "text/plain": _Type((".txt", ".log"), _is_text),
    "text/csv": _Type((".csv",), _is_text),
    "text/calendar": _Type((".ics",), _is_text),
    "application/json": _Type((".json",), _is_text),
    "application/zip": _Type((".zip",), _is_archive_with()),
    f"{_OFFICE}wordprocessingml.document": _Type((".docx",), _is_archive_with("word/document.xml")),
    f"{_OFFICE}spreadsheetml.sheet": _Type((".xlsx",), _is_archive_with("xl/workbook.xml")),
    f"{_OFFICE}presentationml.presentation": _Type((".pptx",), _is_archive_with("ppt/presentation.xml")),
    f"{_OPEN}text": _Type((".odt",), _is_archive_with("content.xml")),
    f"{_OPEN}spreadsheet": _Type((".ods",), _is_archive_with("content.xml")),
}


def decoded(content: str) -> bytes:
    """Return the bytes that a text in base64 (RFC 4648, section 4) stands for. Raises ValueError."""
    return base64.b64decode(content, validate=True)


def check(uploads: Sequence[Upload]) -> None:
    """Raise `Invalid` unless these files may go along, `Unavailable` when the scanner cannot tell."""
    if len(uploads) > MAX_FILES:
        raise Invalid("attachments", f"Send at most {MAX_FILES} files.", "max_length")
    if sum(len(upload.content) for upload in uploads) > MAX_BYTES:
        raise Invalid("attachments", "Send at most 10 MiB of files.", "too_large")
    for position, upload in enumerate(uploads):
        _check_one(upload, f"attachments.{position}")
    for position, upload in enumerate(uploads):
        _scan(upload, f"attachments.{position}")


def rows_of(message: Message, uploads: Sequence[Upload]) -> list[Attachment]:
    """Return the rows of a message's files, not written yet."""
    return [
        Attachment(
            message=message,
            caller=message.caller,
            position=position,
            filename=upload.filename,
            content_type=upload.content_type,
            size=len(upload.content),
            sha256=hashlib.sha256(upload.content).hexdigest(),
            content=upload.content,
        )
        for position, upload in enumerate(uploads)
    ]


def uploads_of(message: Message) -> tuple[Upload, ...] | None:
    """Return the files of a message with their bytes, None when some are gone. None are asked for where none went."""
    if not message.files:
        return ()
    rows = list(message.attachments.defer(None).order_by("position"))
    if len(rows) < message.files or any(row.content is None for row in rows):
        return None
    return tuple(
        Upload(filename=row.filename, content_type=row.content_type, content=bytes(row.content or b"")) for row in rows
    )


def files_of(message: Message) -> tuple[File, ...]:
    """Return the files to send along, their bytes still unread. No statement for a message without."""
    if not message.files:
        return ()
    return tuple(
        File(filename=row.filename, content_type=row.content_type, open=partial(_read, row.pk))
        for row in message.attachments.order_by("position")
    )


def discard_spent(now: datetime) -> int:
    """Forget the bytes of some files whose mail has gone, or failed days ago; return of how many."""
    kept = Message.Status.FAILED
    ended = Q(message__due_at=None) & ~Q(message__status__in=(Message.Status.SENDING, kept))
    failed = Q(message__status=kept, message__created_at__lt=now - KEPT_AFTER_FAILURE)
    spent = Attachment.objects.filter(ended | failed, removed_at=None).values_list("pk", flat=True)[:_AT_ONCE]
    return Attachment.objects.filter(pk__in=list(spent), removed_at=None).update(content=None, removed_at=now)


def _read(attachment: UUID) -> bytes:
    """Return the bytes of one file, for a thread that holds no connection to the database and is to keep none.

    Called before a provider has taken anything: what it raises says so.
    """
    borrowed = connection.connection is None
    try:
        content = Attachment.objects.values_list("content", flat=True).filter(pk=attachment).first()
    except DatabaseError as error:
        raise Deferred("file_not_read", type(error).__name__) from error
    finally:
        if borrowed:
            connection.close()
    if content is None:
        raise Permanent("file_gone")
    return bytes(content)


def _check_one(upload: Upload, field: str) -> None:
    _check_name(upload.filename, f"{field}.filename")
    kind = _types().get(upload.content_type)
    if kind is None:
        raise Invalid(f"{field}.content_type", "Files of this type are not sent.", "type_not_allowed")
    if PurePosixPath(upload.filename.lower()).suffix not in kind.endings:
        raise Invalid(f"{field}.filename", f"Files of this type end in {' or '.join(kind.endings)}.", "wrong_ending")
    if not upload.content:
        raise Invalid(f"{field}.content", "This file is empty.", "empty")
    if upload.content.startswith(_PROGRAMS) or not kind.is_such(upload.content):
        raise Invalid(f"{field}.content", "This is not a file of its type.", "wrong_type")


def _check_name(name: str, field: str) -> None:
    hidden = any(unicodedata.category(char) in _HIDDEN for char in name)
    if (
        not 1 <= len(name) <= MAX_NAME
        or hidden
        or _SEPARATORS.search(name)
        or name != name.strip(" .")
        or len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES
    ):
        raise Invalid(field, f"Use a plain name of at most {MAX_NAME} characters, without a path.", "unsafe_name")


def _types() -> Mapping[str, _Type]:
    allowed = conf.attachment_types()
    return {name: kind for name, kind in TYPES.items() if name in allowed} if allowed else TYPES


def _scan(upload: Upload, field: str) -> None:
    """Ask the project's scanner. What it refuses is refused; when it cannot tell, nothing is accepted."""
    path = conf.attachment_scanner()
    if not path:
        return
    try:
        seams.load(path)(upload)
    except Refusal as refusal:
        raise Invalid(f"{field}.content", refusal.detail, "refused_by_scanner") from refusal
    except Exception as error:
        log.error("attachment_scanner_failed", error=type(error).__name__)  # noqa: TRY400 - a trace may show the file
        raise Unavailable(_SCANNER_PAUSE, "Files cannot be checked at this moment.") from error
