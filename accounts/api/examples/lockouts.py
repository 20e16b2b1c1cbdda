"""Examples of letting an owner in."""

from accounts.api.examples import DEVICE, LINK, answer, body

UNLOCK = [body({"token": LINK}), answer({"device_token": DEVICE})]
