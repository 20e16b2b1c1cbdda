"""Messages on their way to being accepted, and the gates that each passes.

All of a call pass together, so that a gate costs the same few statements for one message as for a thousand.

A gate may refuse a draft (`refusal`: nothing is written, and the caller is told), close it (`closing`: it is written,
`suppressed` or `cancelled`, and told so), or move it (its `message.due_at`). What it found it says in `notes`, which is
what a dry run shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kit.errors import Refusal
from notifications.attachments import Upload
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Note:
    """What a gate found out: its name, one word, and a sentence for people."""

    gate: str
    word: str
    detail: str = ""


@dataclass(slots=True)
class Draft:
    """One message that is not written yet.

    `person` is whom it is for, where that is somebody of the house; `must_arrive` is a message that nobody can switch
    off (security, codes). `address` is where the call came from, empty for the house's own. `files` go along.
    """

    message: Message
    person: UUID | None = None
    must_arrive: bool = False
    address: str = ""
    files: tuple[Upload, ...] = field(default=(), repr=False)
    refusal: Refusal | None = None
    closing: str = ""
    notes: list[Note] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Tell whether no gate has refused or closed it yet."""
        return self.refusal is None and not self.closing

    def note(self, gate: str, word: str, detail: str = "") -> None:
        """Say what a gate found out."""
        self.notes.append(Note(gate, word, detail))

    def close(self, gate: str, reason: str, detail: str = "") -> None:
        """End it as `suppressed`, for a reason in one word."""
        self.closing = reason
        self.note(gate, reason, detail)


Gate = Callable[[Sequence[Draft], datetime], None]
