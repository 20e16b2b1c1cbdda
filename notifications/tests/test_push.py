"""Push to browsers and phones: against a push service on this machine."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.clock import utcnow
from kit.errors import Invalid, NotFound
from kit.ids import uuid7
from kit.testing import races
from notifications import push_targets
from notifications.channels import Channel
from notifications.models import Message, PushTarget
from notifications.providers import devices, web_push
from notifications.providers.base import Ambiguous, Deferred, Permanent, Push, SendingFailed
from notifications.providers.devices import DevicesProvider
from notifications.providers.web_push import Subscription
from notifications.testing import deliver_all, make_message
from notifications.tests.http_service import Answer, Request, Service

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = base64.urlsafe_b64encode(b"\x07" * 32).decode().rstrip("=")
# RFC 8291, appendix A
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SEALED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
    "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    with Service() as running:
        settings.WEB_PUSH_HOSTS = [f"http://{running.host}", "push.example", "*.push.example"]
        yield running


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.WEB_PUSH_PRIVATE_KEY = KEY


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(raw(text), "big"), ec.SECP256R1())


def opened(body: bytes) -> Any:
    """Return what a browser reads in what it was sent (RFC 8188, RFC 8291)."""
    salt, point, box = body[:16], body[21:86], body[86:]
    shared = private(BROWSER).exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))
    secret = web_push._derived(shared, raw(AUTH), b"WebPush: info\0" + raw(P256DH) + point, 32)
    key = web_push._derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = web_push._derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    return json.loads(AESGCM(key).decrypt(nonce, box, None).rstrip(b"\x02"))


def subscribe(person: UUID, service: Service, path: str = "/send/1") -> PushTarget:
    endpoint = f"http://{service.host}{path}"
    found = push_targets.register_browser(person=person, endpoint=endpoint, p256dh=P256DH, auth=AUTH, now=utcnow())
    return found.target


def push_to(to: object, **fields: Any) -> Push:
    return Push(id=uuid7(), at=AT, **{"to": str(to), "title": "News", "body": "Grüße", "data": {"url": "/n"}, **fields})


def header(request: Request, name: str) -> str:
    return {key.lower(): value for key, value in request.headers.items()}[name]


def test_sealing_is_that_of_the_standard() -> None:
    browser = Subscription("https://push.example/x", raw(P256DH), raw(AUTH))
    words = b"When I grow up, I want to be a watermelon"
    assert web_push.seal(browser, words, salt=raw(SALT), private=private(SENDER)) == raw(SEALED)


@pytest.mark.django_db
def test_every_browser_of_a_person_gets_the_message_and_can_read_it(service: Service) -> None:
    anna = uuid7()
    subscribe(anna, service, "/send/1")
    subscribe(anna, service, "/send/2")
    subscribe(uuid7(), service, "/send/3")
    message = push_to(anna)
    DevicesProvider().send_push(message)
    assert {seen.path for seen in service.seen} == {"/send/1", "/send/2"}
    told = {"id": str(message.id), "title": "News", "body": "Grüße", "data": {"url": "/n"}}
    assert [opened(seen.body) for seen in service.seen] == [told, told]
    assert header(service.seen[0], "topic") == message.id.hex


@pytest.mark.django_db
def test_push_service_is_shown_who_we_are(service: Service) -> None:
    DevicesProvider().send_push(push_to(subscribe(uuid7(), service).pk))
    token, key = header(service.seen[0], "authorization").removeprefix("vapid t=").split(", k=")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
    claims = jwt.decode(token, point, algorithms=["ES256"], audience=f"http://{service.host}")
    assert (key, claims["sub"]) == (web_push.public_key(), "mailto:gatehouse@example.com")


@pytest.mark.django_db
@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_has_unsubscribed_is_forgotten(service: Service, status: int) -> None:
    anna = uuid7()
    subscribe(anna, service)
    service.answers.append(Answer(status))
    with pytest.raises(Permanent, match="no_target"):
        DevicesProvider().send_push(push_to(anna))
    assert push_targets.list_of(anna) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(400), Permanent),
        (Answer(413), Permanent),
        (Answer(403), Deferred),
        (Answer(302, {"Location": "http://127.0.0.1:1/"}), Deferred),
        (Answer(429, {"Retry-After": "9"}), Deferred),
        (Answer(500), Ambiguous),
        (Answer(0), Ambiguous),
    ],
)
def test_each_failure_has_its_class(service: Service, answer: Answer, failure: type[SendingFailed]) -> None:
    target = subscribe(uuid7(), service)
    service.answers.append(answer)
    with pytest.raises(failure):
        DevicesProvider().send_push(push_to(target.pk))
    assert PushTarget.objects.filter(pk=target.pk).exists()


@pytest.mark.django_db
def test_targets_that_failed_for_now_are_named_so_that_they_alone_are_tried_again(service: Service) -> None:
    anna = uuid7()
    subscribe(anna, service, "/send/1")
    subscribe(anna, service, "/send/2")
    service.answers.append(Answer(429))
    receipt = DevicesProvider().send_push(push_to(anna))
    [left] = receipt.deferred
    DevicesProvider().send_push(push_to(left))
    assert {service.seen[0].path} == {service.seen[2].path} != {service.seen[1].path}


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["", "device-1", "018f6b1e-0000-7000-8000-000000000000"])
def test_nobody_reached_is_a_refusal(to: str) -> None:
    with pytest.raises(Permanent, match="no_target"):
        DevicesProvider().send_push(push_to(to))


@pytest.mark.django_db
def test_service_that_is_not_listed_any_more_is_not_called(service: Service, settings: Any) -> None:
    target = subscribe(uuid7(), service)
    settings.WEB_PUSH_HOSTS = ["push.example"]
    with pytest.raises(Deferred, match="host_not_allowed"):
        DevicesProvider().send_push(push_to(target.pk))
    assert service.seen == []


@pytest.mark.django_db
def test_message_that_is_too_long_is_refused(service: Service) -> None:
    with pytest.raises(Permanent, match="too_long"):
        DevicesProvider().send_push(push_to(subscribe(uuid7(), service).pk, body="x" * 4000))


@pytest.mark.django_db
def test_phone_is_reached_by_firebase(service: Service, settings: Any) -> None:
    settings.FCM_URL = f"json://{service.host}/{{to}}"  # another service of Apprise's in Firebase's place
    found = push_targets.register_phone(person=uuid7(), token="phone:1", now=utcnow())
    DevicesProvider().send_push(push_to(found.target.pk))
    assert service.seen[0].path == "/phone:1"
    service.answers.append(Answer(404))
    with pytest.raises(Permanent):
        DevicesProvider().send_push(push_to(found.target.pk))
    assert not PushTarget.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://evil.example/x",
        "https://push.example.evil.com/x",
        "https://push.example@evil.com/x",
        "https://user@push.example/x",
        "https://evil.com\\@push.example/x",
        "https://a.b.push.example/x",
        "https://push.example:8443/x",
        "https://push.example:port/x",
        "https://push.example",
        "https://push.example/x#y",
        "https://push.example/" + "x" * 3000,
        "https://169.254.169.254/latest",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "",
    ],
)
@pytest.mark.django_db
def test_endpoint_of_no_listed_service_is_refused(service: Service, endpoint: str) -> None:
    with pytest.raises(Invalid) as caught:
        push_targets.register_browser(person=uuid7(), endpoint=endpoint, p256dh=P256DH, auth=AUTH, now=utcnow())
    assert caught.value.field == "endpoint"


@pytest.mark.parametrize("endpoint", ["https://push.example/x", "https://a.push.example:443/x"])
def test_endpoint_of_a_listed_service_passes(service: Service, endpoint: str) -> None:
    assert web_push.is_allowed(endpoint)


@pytest.mark.parametrize(
    ("p256dh", "auth", "field"), [("AAAA", AUTH, "p256dh"), (P256DH, "AAAA", "auth"), ("!", "", "p256dh")]
)
@pytest.mark.django_db
def test_keys_that_are_none_are_refused(service: Service, p256dh: str, auth: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        push_targets.register_browser(
            person=uuid7(), endpoint="https://push.example/x", p256dh=p256dh, auth=auth, now=utcnow()
        )
    assert caught.value.field == field


@pytest.mark.django_db
def test_same_target_again_is_the_same_and_another_persons_is_hers_from_now_on(service: Service) -> None:
    anna, berta = uuid7(), uuid7()
    first, again = subscribe(anna, service), subscribe(anna, service)
    assert (first.pk, len(push_targets.list_of(anna))) == (again.pk, 1)
    subscribe(berta, service)
    assert (push_targets.list_of(anna), len(push_targets.list_of(berta))) == ([], 1)


@pytest.mark.django_db
def test_one_target_too_many_takes_the_place_of_the_oldest(service: Service) -> None:
    anna = uuid7()
    made = [subscribe(anna, service, f"/send/{number}").pk for number in range(push_targets.MOST + 1)]
    assert {row.pk for row in push_targets.list_of(anna)} == set(made[1:])


@pytest.mark.django_db
def test_target_is_removed_by_its_person_alone(service: Service) -> None:
    anna = uuid7()
    target = subscribe(anna, service)
    with pytest.raises(NotFound):
        push_targets.remove(person=uuid7(), target_id=target.pk, now=utcnow())
    push_targets.remove(person=anna, target_id=target.pk, now=utcnow())
    assert push_targets.list_of(anna) == []


@pytest.mark.parametrize("key", ["", "AAAA", base64.b64encode(b"\x00" * 32).decode()])
def test_without_a_key_no_browser_is_reached(settings: Any, key: str) -> None:
    settings.WEB_PUSH_PRIVATE_KEY = key
    assert (web_push.public_key(), DevicesProvider().health()) == ("", "not_configured")


@pytest.mark.django_db(transaction=True)
def test_same_browser_that_is_told_of_many_times_at_once_is_kept_once(settings: Any) -> None:
    settings.WEB_PUSH_HOSTS = ["push.example"]
    anna = uuid7()

    def subscribe_once() -> bool:
        found = push_targets.register_browser(
            person=anna, endpoint="https://push.example/x", p256dh=P256DH, auth=AUTH, now=utcnow()
        )
        return found.created

    assert sorted(map(str, races.run(8, subscribe_once))) == ["False"] * 7 + ["True"]
    assert len(push_targets.list_of(anna)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_message_reaches_every_browser_once_though_one_was_busy(service: Service, settings: Any) -> None:
    settings.NOTIFICATIONS_PUSH_PROVIDERS = ["devices"]
    anna, moment = uuid7(), utcnow()
    subscribe(anna, service, "/send/1")
    subscribe(anna, service, "/send/2")
    service.answers.append(Answer(429))
    message = make_message(channel=Channel.PUSH, to=[str(anna)], recipient=str(anna), now=moment)
    deliver_all(now=moment)
    deliver_all(now=moment + timedelta(hours=1))
    message.refresh_from_db()
    assert message.status == Message.Status.SENT
    assert sorted(seen.path for seen in service.seen[1:]) == ["/send/1", "/send/2"]
    assert len(service.seen) == 3


@pytest.mark.django_db
def test_targets_for_which_no_time_is_left_are_tried_later(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = uuid7()
    for number in range(3):
        subscribe(anna, service, f"/send/{number}")
    moments = iter([0.0, 0.0, 10_000.0, 10_000.0])
    monkeypatch.setattr(devices, "monotonic", moments.__next__)
    receipt = DevicesProvider().send_push(push_to(anna))
    assert (len(service.seen), len(receipt.deferred)) == (1, 2)
