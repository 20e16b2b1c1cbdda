"""Texts that callers have encrypted: what opens, for whom, and the one answer to everything that does not."""

import base64
import string
from typing import Any

import pytest
from rest_framework.test import APIClient

from kit.errors import Throttled
from kit.ids import uuid7
from vault import sealing
from vault.testing import OTHER_KEY, root_keys
from vault.tests.papers.doors import Somebody, client_of

pytestmark = pytest.mark.django_db
MOST = 65_536
TOO_BIG = 65_537
told: list[tuple[str, dict[str, Any]]] = []


def remember(event: str, **facts: Any) -> None:
    told.append((event, facts))


def refuse(request: Any, route: str) -> None:
    raise Throttled(7, route)


@pytest.fixture
def client() -> APIClient:
    return client_of(Somebody())


def encrypt(client: APIClient, plaintext: str = "hello", **more: Any) -> str:
    answer = client.post("/api/v1/encrypt", {"plaintext": plaintext, **more})
    assert answer.status_code == 200, answer.content
    text: str = answer.json()["ciphertext"]
    return text


def decrypt(client: APIClient, ciphertext: str, **more: Any) -> Any:
    return client.post("/api/v1/decrypt", {"ciphertext": ciphertext, **more})


def refusal(client: APIClient, ciphertext: str, **more: Any) -> Any:
    answer = decrypt(client, ciphertext, **more)
    assert answer.status_code == 400, answer.content
    return {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.mark.parametrize("text", ["", "hello", " a\r\n\tb ", "Grüße 👋", "x" * MOST, "ü" * (MOST // 2)])
def test_text_comes_back_as_it_was(client: APIClient, text: str) -> None:
    sealed = encrypt(client, text)
    assert sealed.strip(string.ascii_letters + string.digits + "-_") == ""
    assert decrypt(client, sealed).json() == {"plaintext": text}


def test_text_never_comes_out_alike(client: APIClient) -> None:
    assert len({encrypt(client) for _ in range(50)}) == 50


@pytest.mark.parametrize("text", ["x" * TOO_BIG, "ü" * (MOST // 2) + "x"])
def test_text_beyond_64_kib_is_refused(client: APIClient, text: str) -> None:
    answer = client.post("/api/v1/encrypt", {"plaintext": text})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "plaintext"
    assert "xxx" not in answer.content.decode()


def test_everything_that_does_not_open_is_answered_alike(client: APIClient, settings: Any) -> None:
    sealed = encrypt(client, context="c")
    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    other = client_of(Somebody(tenant=uuid7()))
    with root_keys(OTHER_KEY):
        unknown = refusal(client, sealed, context="c")
    broken = ("", "é", "=", sealed[:-1], f"{sealed}=", f"{sealed}AAAA", f" {sealed}")
    answers = [
        unknown,
        refusal(other, sealed, context="c"),
        refusal(client, sealed, context="C"),
        refusal(client, sealed),
        *(refusal(client, text, context="c") for text in broken),
        refusal(client, base64.b64encode(sealing.seal(b"x", label="l", row="r")).decode()),
        refusal(client, base64.urlsafe_b64encode(b"\x01\x02xx" + raw[4:]).rstrip(b"=").decode(), context="c"),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["code"], answers[0]["errors"][0]["field"]) == ("validation_error", "ciphertext")
    assert decrypt(client, sealed, context="c").json() == {"plaintext": "hello"}


def test_colleague_of_the_same_tenant_decrypts() -> None:
    tenant = uuid7()
    sealed = encrypt(client_of(Somebody(tenant=tenant)))
    assert decrypt(client_of(Somebody(tenant=tenant)), sealed).status_code == 200


def test_no_context_is_the_empty_one(client: APIClient) -> None:
    assert decrypt(client, encrypt(client), context="").status_code == 200


def test_text_opens_after_another_key_has_become_active(client: APIClient, settings: Any) -> None:
    old = encrypt(client)
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        assert decrypt(client, old).json() == {"plaintext": "hello"}
        assert client.post("/api/v1/encrypt", {"plaintext": "new"}).json()["key_id"] == "t2"


@pytest.mark.parametrize(("call", "body"), [("encrypt", {"plaintext": "x"}), ("decrypt", {"ciphertext": "x"})])
def test_each_call_needs_its_own_permission(call: str, body: dict[str, str]) -> None:
    others = {"vault.encrypt", "vault.decrypt"} - {f"vault.{call}"}
    assert client_of(Somebody(permissions=tuple(others))).post(f"/api/v1/{call}", body).status_code == 403
    assert APIClient().post(f"/api/v1/{call}", body).status_code == 401
    assert client_of(Somebody(permissions=(f"vault.{call}",))).post(f"/api/v1/{call}", body).status_code in {200, 400}


def test_calls_are_limited_by_whoever_counts(client: APIClient, settings: Any) -> None:
    settings.VAULT_LIMITER = "vault.tests.test_api.refuse"
    answer = client.post("/api/v1/encrypt", {"plaintext": "x"})
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()["detail"]) == (429, "7", "encrypt")


def test_each_use_is_told_without_the_text(settings: Any) -> None:
    told.clear()
    settings.VAULT_RECORDER = "vault.tests.test_api.remember"
    somebody = Somebody(tenant=uuid7())
    sealed = encrypt(client_of(somebody), "secret", context="patient 4711")
    decrypt(client_of(somebody), sealed, context="patient 4711")
    decrypt(client_of(somebody), sealed)
    assert [(event, facts["target"], facts["is_refused"]) for event, facts in told] == [
        ("vault.text.encrypted", "t1", False),
        ("vault.text.decrypted", "t1", False),
        ("vault.text.decrypted", "", True),
    ]
    assert {(facts["caller"].id, facts["caller"].tenant) for _, facts in told} == {(somebody.pk, somebody.tenant)}
    assert [facts["details"]["bytes"] for _, facts in told] == [6, 6, 0]
    assert [len(facts["details"]["context"]) for _, facts in told] == [64, 64, 0]
    assert not any(word in repr(told) for word in ("secret", "4711", sealed))


def test_text_whose_use_cannot_be_recorded_is_not_given(client: APIClient, settings: Any) -> None:
    sealed = encrypt(client)
    settings.VAULT_RECORDER = "vault.tests.test_uses.fail"
    with pytest.raises(RuntimeError):
        decrypt(client, sealed)
