"""The second step of a sign-in over HTTP, and a call that asks for a factor of a moment ago."""

import datetime as dt
from typing import Any

import pytest
from django.test import override_settings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import LoginAttempt, Session, User
from accounts.testing import PASSWORD, client_of, make_person, sign_in
from kit.clock import utcnow
from mfa import tasks
from mfa.models import TrustedDevice
from mfa.permissions import RecentFactor
from mfa.testing import challenge_of, code_of, make_contact, make_totp, newest_code
from mfa.tests import urls

pytestmark = pytest.mark.django_db

API = "/api/v1/auth"


class WorthMuchView(APIView):
    permission_classes = [RecentFactor(max_age=300)]

    def get(self, request: Request) -> Response:
        return Response({})


handler404 = urls.handler404
urlpatterns = [path("api/v1/auth/much", WorthMuchView.as_view()), *urls.urlpatterns]


def post(url: str, body: Any, **options: Any) -> Any:
    return client_of().post(f"{API}/{url}", body, format="json", **options)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def challenge(user: User, **more: Any) -> Any:
    return post("mfa/challenge", {"challenge": challenge_of(user), "method": "totp", **more})


def test_the_password_alone_answers_a_challenge_and_how_to_go_on() -> None:
    user = make_person()
    make_totp(user)
    answer = post("login", {"email": user.email, "password": PASSWORD})
    assert code(answer) == (401, "mfa_required")
    assert answer.json()["methods"] == ["totp"]
    assert answer.json()["expires_in"] == 300


def test_a_right_code_answers_tokens() -> None:
    user = make_person()
    device = make_totp(user)
    answer = challenge(user, code=code_of(device, utcnow()), trust_device=True)
    assert answer.status_code == 200
    assert (
        client_of().get(f"{API}/me", headers={"authorization": f"Bearer {answer.json()['access']}"}).status_code == 200
    )
    assert TrustedDevice.objects.get().device_id == Session.objects.get().device_id
    body = {"email": user.email, "password": PASSWORD, "device_token": answer.json()["device_token"]}
    assert post("login", body).status_code == 200


@pytest.mark.parametrize("given", [None, "", [], {}, True, 123456, "12345", " 123456"])
def test_what_is_no_code_is_a_mistake_and_is_not_counted(given: Any) -> None:
    user = make_person()
    make_totp(user)
    assert code(challenge(user, code=given)) == (400, "validation_error")
    assert LoginAttempt.objects.get().tries == 0


def test_every_wrong_answer_is_answered_alike() -> None:
    user = make_person()
    make_totp(user)
    answers = [
        challenge(user, method=method, code="11111111").json() for method in ("totp", "email", "recovery", "none")
    ]
    for answer in answers:
        answer.pop("request_id")
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "invalid_credentials"


def test_a_code_is_sent_for_a_challenge() -> None:
    user = make_person()
    make_contact(user)
    text = challenge_of(user)
    assert post("mfa/challenge/send", {"challenge": text, "method": "email"}).status_code == 202
    answer = post("mfa/challenge", {"challenge": text, "method": "email", "code": newest_code(user)})
    assert answer.status_code == 200
    assert code(post("mfa/challenge/send", {"challenge": text, "method": "email"})) == (401, "invalid_token")


def test_a_code_is_sent_to_somebody_who_is_signed_in() -> None:
    signed_in = sign_in()
    make_contact(signed_in.user)
    client = client_of(signed_in)
    assert client.post(f"{API}/mfa/send", {"method": "email"}, format="json").status_code == 202
    answer = client.post(f"{API}/reauthenticate", {"code": newest_code(signed_in.user)}, format="json")
    assert answer.status_code == 200
    assert Session.objects.get().factor_at is not None


@override_settings(ROOT_URLCONF=__name__)
def test_a_call_that_is_worth_much_says_what_would_do() -> None:
    signed_in = sign_in()
    device = make_totp(signed_in.user)
    client = client_of(signed_in)
    answer = client.get(f"{API}/much")
    assert code(answer) == (403, "reauthentication_required")
    assert (answer.json()["max_age"], answer.json()["methods"]) == (300, ["totp"])
    proof = client.post(f"{API}/reauthenticate", {"code": code_of(device, utcnow())}, format="json")
    assert proof.status_code == 200
    assert client.get(f"{API}/much").status_code == 200
    assert code(client_of().get(f"{API}/much")) == (401, "not_authenticated")


def test_what_is_over_is_purged() -> None:
    user = make_person()
    device = make_totp(user)
    challenge(user, code=code_of(device, utcnow()), trust_device=True)
    assert tasks.purge() == 0
    TrustedDevice.objects.update(expires_at=utcnow() - dt.timedelta(seconds=1))
    assert tasks.purge() == 1
