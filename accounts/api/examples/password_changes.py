"""Examples of a new password, and of undoing a change."""

from accounts.api.examples import DEVICE, LINK, ON_ITS_WAY, PASSWORD, answer, body

NEW = "purple elephants dance at midnight"
CHANGE = [body({"current_password": PASSWORD, "new_password": NEW})]
REQUEST = [
    body({"email": "anna@example.com"}),
    body({"email": "anna@example.com", "link_url": "https://app.example.com/reset"}, "to the client's own page"),
    ON_ITS_WAY,
]
RESET = [body({"token": LINK, "new_password": NEW, "device_token": DEVICE})]
UNDO = [
    body({"token": LINK}),
    answer({"detail": "It is undone, and every device is signed out. A mail tells how to set a new password."}),
]
