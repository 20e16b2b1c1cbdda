"""Argon2id with the OWASP parameters (19 MiB, two passes, one lane) instead of Django's 100 MiB and eight."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """OWASP Password Storage Cheat Sheet: Argon2id, m=19456 KiB, t=2, p=1."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1

    @classmethod
    def beginning(cls) -> str:
        """Return how every hash of today's parameters begins."""
        return f"argon2$argon2id$v=19$m={cls.memory_cost},t={cls.time_cost},p={cls.parallelism}$"
