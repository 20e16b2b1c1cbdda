"""What the calls about the vocabulary look like on the wire, for the published schema."""

from kit.examples import answer, body

_NEW = {"name": "shop.refund_order", "description": "Pay an order back"}
_ITEM = {**_NEW, "built_in": False}

PERMISSIONS = [answer({"count": 1, "next": None, "previous": None, "results": [_ITEM]})]
DECLARED = [body(_NEW), answer(_ITEM, "new", status=201), answer(_ITEM, "known already")]
