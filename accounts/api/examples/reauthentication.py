"""Examples of proving again who one is."""

from accounts.api.examples import PASSWORD, TOKENS, body

REAUTHENTICATE = [body({"password": PASSWORD}, "by password"), body({"code": "492039"}, "by a factor"), TOKENS]
