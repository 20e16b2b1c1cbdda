"""The permissions of an imaginary application above."""

PERMISSIONS = {
    "letters.send_letter": "Send letters",
    "letters.read_letter": "Read letters",
    "stamps.buy_stamp": "Buy stamps",
}
