"""Models with encrypted columns, as an app above would have them."""
