"""What the account calls look like on the wire: one example for each body and answer of the published schema."""

from kit import examples

USER = "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"
SESSION = "0193a5ca-10f4-7c55-8a21-6b0c9d8e7f61"
ACCESS = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjRfZ…Q1In0.eyJpc3MiOiJodHRwczovL2F1dGgu…In0.MEUCIQDx…9w"
REFRESH = "kT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9gGi4oYtBvMxs"
DEVICE = "n0F6aV8yQkZ3cT1hWb5uRj2pEx7mLd9sKg4iYoXrUqI"
LINK = "Zk3l0vWc2yJ1n7mQ5tRr8xUuB4aD6eFgH9iJkLmNoPq"
PASSWORD = "correct horse battery staple"  # noqa: S105 - of nobody

ASSERTION = {
    "id": "q6urq6urq6urq6urq6urqw",
    "rawId": "q6urq6urq6urq6urq6urqw",
    "type": "public-key",
    "authenticatorAttachment": "platform",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiLi4uIn0",
        "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA",
        "signature": "MEUCIQDxkT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9gGi4oYtBvMxsCIAkT3wXyLq0m1ZbVh8sR2uJf5dNc7aPe9g",
        "userHandle": "AZOlyHwee5udTz5bbHyNng",
    },
    "clientExtensionResults": {},
}


body, answer = examples.body, examples.answer

ON_ITS_WAY = answer({"detail": "If this address can be used, a mail is on its way to it."}, status=202)
TOKENS = answer(
    {
        "access": ACCESS,
        "refresh": REFRESH,
        "token_type": "Bearer",
        "expires_in": 1800,
        "refresh_expires_in": 604800,
        "session_id": SESSION,
        "device_token": DEVICE,
    }
)
