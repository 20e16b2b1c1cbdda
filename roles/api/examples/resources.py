"""What the calls about resources look like on the wire, for the published schema."""

from kit.examples import answer, body

_NEW = {"resource": "project:12", "parent": "org:7"}
_PLACEMENT = {**_NEW, "created_at": "2026-11-21T10:00:00Z"}
_HERE = "https://auth.example.com/api/v1/placements"

PLACEMENTS = [answer({"next": f"{_HERE}?cursor=AQJr…", "previous": None, "results": [_PLACEMENT]})]
PLACED = [body(_NEW), answer(_PLACEMENT, status=201), answer(_PLACEMENT, "there already")]
REMOVED = [body(_NEW)]
