"""The HTTP edge of accounts: parse, one domain call, answer."""
