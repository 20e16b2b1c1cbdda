"""What the calls about groups look like on the wire, for the published schema."""

from kit.examples import answer, body
from roles.api.examples import COLLEAGUE, USER

_NEW = {"name": "newsroom", "description": "Writes and sends the newsletter"}
_GROUP = {**_NEW, "created_at": "2026-11-21T10:00:00Z"}
_MEMBER = {"user": USER, "added_by": COLLEAGUE, "created_at": "2026-11-21T10:05:00Z"}
_HERE = "https://auth.example.com/api/v1/groups"

GROUPS = [answer({"next": f"{_HERE}?cursor=AQJr…", "previous": None, "results": [_GROUP]})]
CREATED = [body(_NEW), answer(_GROUP, status=201)]
GROUP = [answer(_GROUP)]
CHANGED = [
    body({"description": "Writes the newsletter"}),
    answer({**_GROUP, "description": "Writes the newsletter"}),
]
MEMBERS = [answer({"next": None, "previous": f"{_HERE}/newsroom/members?cursor=AQJr…", "results": [_MEMBER]})]
JOINED = [body({"user": USER}), answer(_MEMBER, status=201), answer(_MEMBER, "in it already")]
