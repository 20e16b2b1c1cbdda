"""The permissions that this app declares, for the vocabulary of roles."""

ENCRYPT = "vault.encrypt"
DECRYPT = "vault.decrypt"

PERMISSIONS: dict[str, str] = {
    ENCRYPT: "Encrypt texts under the keys of the house, to keep them elsewhere.",
    DECRYPT: "Decrypt what was encrypted for the same tenant.",
}
