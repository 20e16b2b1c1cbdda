"""The keyring and what is kept under it: sealed values, derived secrets, keyed digests, signing keys."""
