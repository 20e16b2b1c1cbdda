"""What a mailed link says stays in the mail: no table, no log line and no answer holds it."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import Link, SentCode
from accounts.testing import make_person
from accounts.tests.calls import AUTH
from notifications.testing import deliver_all, link_in

pytestmark = pytest.mark.django_db
ANNA = "anna@example.com"
NEW = "purple elephants dance at midnight"


def everything_stored() -> str:
    """Return all rows of all tables, as one text."""
    return "".join(str(list(model._default_manager.values_list())) for model in apps.get_models())


def token_of_the_mail(page: str) -> str:
    tokens = [link_in(mail).partition("token=")[2] for mail in deliver_all() if f"/{page}?" in mail.text]
    return tokens[-1]


def test_a_link_is_nowhere_but_in_its_mail(client: Client, capsys: Any) -> None:
    make_person(ANNA)
    answers = [client.post(f"{AUTH}/password/reset-request", {"email": ANNA}, "application/json").text]
    reset = token_of_the_mail("reset-password")
    answers.append(client.get("/reset-password", {"token": reset})["Referrer-Policy"])
    body = {"token": reset, "new_password": NEW}
    answers.append(client.post(f"{AUTH}/password/reset", body, "application/json").text)
    undo = token_of_the_mail("undo")
    answers.append(client.post(f"{AUTH}/undo", {"token": undo}, "application/json").text)
    told = everything_stored() + capsys.readouterr().out + "".join(answers)
    assert Link.objects.exclude(used_at=None).count() == 2
    assert not any(secret in told for secret in (reset, undo, NEW))


def test_a_code_is_nowhere_but_in_its_mail(client: Client, settings: Any, capsys: Any) -> None:
    settings.ACCOUNTS_SIGN_IN_BY_MAIL = True
    make_person(ANNA)
    client.post(f"{AUTH}/sign-in-link/request", {"email": ANNA}, "application/json")
    (mail,) = deliver_all()
    [code] = [line for line in mail.text.splitlines() if line.isdigit()]
    assert client.post(f"{AUTH}/sign-in-code", {"email": ANNA, "code": code}, "application/json").status_code == 200
    rows = str(list(SentCode.objects.values_list("digest", "to", "key_id"))) + str(list(Link.objects.values("data")))
    assert f"'{code}'" not in rows
    assert f'"{code}"' not in capsys.readouterr().out
