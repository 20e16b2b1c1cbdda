"""What the calls about roles themselves look like on the wire, for the published schema."""

from kit.examples import answer, body

_CHANGE = {"permissions": ["notifications.send_message", "shop.*"], "requestable": True}
_NEW = {
    "name": "shopkeeper",
    "description": "Looks after the shop",
    "permissions": ["shop.*"],
    "inherits": ["notifier"],
}
_ITEM = {**_NEW, "built_in": False, "sensitive": False, "requestable": False}
_DETAIL = {**_ITEM, "effective_permissions": ["notifications.send_message", "notifications.view_message", "shop.*"]}

ROLES = [answer({"next": None, "previous": None, "results": [_ITEM]})]
CREATED = [body(_NEW), answer(_DETAIL, status=201)]
ROLE = [answer(_DETAIL)]
CHANGED = [
    body(_CHANGE),
    answer({**_DETAIL, **_CHANGE}),
]
