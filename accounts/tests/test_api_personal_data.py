"""What a person sees of what is kept of her, over HTTP, and how she ends it."""

import datetime as dt
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import people, sessions
from accounts.models import Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, client_of, make_person, sign_in
from accounts.tests.calls import AUTH, code_of
from audit.models import Entry
from audit.testing import entries
from kit import personal_data
from kit.clock import utcnow
from notifications.testing import make_message

pytestmark = pytest.mark.django_db


def actions(answer: Any) -> list[str]:
    return [happening["action"] for happening in answer.json()["results"]]


def test_activity_is_her_own_and_the_latest_first() -> None:
    anna, other = sign_in(), sign_in()
    answer = client_of(anna).get(f"{AUTH}/activity")
    assert actions(answer) == ["accounts.login.succeeded", "accounts.user.created"]
    assert str(other.user.pk) not in answer.text
    assert answer.json()["results"][0]["ip_address"] == ORIGIN.address


def test_activity_tells_what_staff_did_and_not_who_or_from_where() -> None:
    anna, root = sign_in(), make_person(is_superuser=True)
    now = utcnow()
    sessions.end_all(user=make_person(), reason=Session.EndReason.STAFF, actor=root.pk, now=now, origin=ORIGIN)
    people.activate(user=make_person(is_active=False), actor=root.pk, now=now, origin=ORIGIN)
    sessions.end_all(
        user=anna.user, reason=Session.EndReason.STAFF, actor=root.pk, now=now, origin=ORIGIN, but=[anna.session.pk]
    )
    answer = client_of(anna).get(f"{AUTH}/activity")
    told = answer.json()["results"][0]
    assert (told["action"], told["by"]) == ("accounts.sessions.ended", "staff")
    assert (told["ip_address"], told["user_agent"]) == ("", "")
    assert str(root.pk) not in answer.text
    assert len(actions(answer)) == 3


def test_activity_shows_strangers_at_her_door() -> None:
    anna = sign_in()
    APIClient(REMOTE_ADDR="198.51.100.7").post(f"{AUTH}/login", {"email": anna.user.email, "password": "wrong"})
    told = client_of(anna).get(f"{AUTH}/activity").json()["results"][0]
    assert (told["by"], told["outcome"], told["ip_address"]) == ("stranger", "refused", "198.51.100.7")


def test_activity_goes_on_from_page_to_page_and_back() -> None:
    anna = sign_in()
    for _ in range(5):
        sessions.end_all(
            user=anna.user, reason=Session.EndReason.STAFF, actor=None, now=utcnow(), but=[anna.session.pk]
        )
    client, seen, url = client_of(anna), [], f"{AUTH}/activity?page_size=2"
    while url:
        answer = client.get(url).json()
        seen += [happening["id"] for happening in answer["results"]]
        url, previous = answer["next"], answer["previous"]
    newest_first = Entry.objects.order_by("-at", "-id").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in newest_first]
    assert [happening["id"] for happening in client.get(previous).json()["results"]] == seen[4:6]


def test_export_takes_as_many_long_messages_as_it_has_room_for_and_says_how_many_are_left_out(settings: Any) -> None:
    settings.ACCOUNTS_EXPORTERS = ["notifications.personal_data.EXPORTER"]
    anna = sign_in(make_person("anna@example.com"))
    for number in range(30):
        text = f"{number}" + "x" * (personal_data.MOST_CHARACTERS // 25)
        make_message(to=["anna@example.com"], recipient="anna@example.com", status="sent", due_at=None, text=text)
    kept = client_of(anna).get(f"{AUTH}/export").json()
    messages = kept["messages"]["messages_to_you"]
    assert [message["text"].rstrip("x") for message in messages] == [f"{number}" for number in range(29, 5, -1)]
    assert kept["left_out"] == {"messages.messages_to_you": 6}


def test_export_that_is_whole_says_that_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = sign_in()
    assert client_of(anna).get(f"{AUTH}/export").json()["left_out"] == {}
    monkeypatch.setattr(personal_data, "MOST", 2)
    for _ in range(2):
        sign_in(anna.user)
    kept = client_of(anna).get(f"{AUTH}/export").json()
    assert (len(kept["account"]["sessions"]), kept["left_out"]["account.sessions"]) == (2, 1)


def test_export_holds_what_is_hers_and_no_secret() -> None:
    anna = sign_in(make_person("anna@example.com", first_name="Anna"))
    other = sign_in(make_person("other@example.com"))
    answer = client_of(anna).get(f"{AUTH}/export")
    kept = answer.json()
    assert kept["account"]["person"][0]["email"] == "anna@example.com"
    assert kept["account"]["sessions"][0]["address"] == ORIGIN.address
    assert kept["history"]["done_by_you"][0]["personal__agent"] == "pytest"
    secrets = [anna.refresh, anna.access, anna.user.password, "digest", "other@example.com", str(other.user.pk)]
    assert [secret for secret in secrets if secret in answer.text] == []
    assert "attachment" in answer["Content-Disposition"]
    assert len(entries("accounts.data.exported")) == 1


def test_deletion_with_the_password_ends_the_account_at_once() -> None:
    anna = sign_in()
    assert client_of(anna).delete(f"{AUTH}/account", {"password": PASSWORD}).status_code == 204
    assert client_of(anna).get(f"{AUTH}/profile").status_code == 401
    credentials = {"email": anna.user.email, "password": PASSWORD}
    assert code_of(APIClient().post(f"{AUTH}/login", credentials)) == (401, "invalid_credentials")
    assert code_of(APIClient().post(f"{AUTH}/refresh", {"refresh": anna.refresh})) == (401, "invalid_token")


def test_deletion_with_a_wrong_password_changes_nothing() -> None:
    anna = sign_in()
    answer = client_of(anna).delete(f"{AUTH}/account", {"password": "wrong"})
    assert code_of(answer) == (400, "validation_error")
    assert User.objects.get(pk=anna.user.pk).erase_at is None


def test_deletion_without_a_proof_asks_for_one_when_the_sign_in_is_old() -> None:
    anna = sign_in()
    Session.objects.update(auth_time=utcnow() - dt.timedelta(hours=1))
    answer = client_of(anna).delete(f"{AUTH}/account")
    assert code_of(answer) == (403, "reauthentication_required")
    assert User.objects.get(pk=anna.user.pk).erase_at is None
    Session.objects.update(auth_time=utcnow())
    assert client_of(anna).delete(f"{AUTH}/account").status_code == 204


def test_last_who_may_do_everything_cannot_delete_herself() -> None:
    root = sign_in(make_person(is_superuser=True))
    assert code_of(client_of(root).delete(f"{AUTH}/account", {"password": PASSWORD})) == (409, "conflict")


def test_account_is_kept_by_its_link_and_by_nothing_else() -> None:
    anna = sign_in()
    client_of(anna).delete(f"{AUTH}/account", {"password": PASSWORD})
    assert code_of(APIClient().post(f"{AUTH}/account/keep", {"token": "a" * 43})) == (400, "validation_error")
    from accounts import links

    token = links.text_of(Link.objects.get(purpose=Link.Purpose.KEEP))
    for purpose in ("password/reset", "verify-email", "undo"):
        body = {"token": token, "new_password": "Another-Horse-7-Battery"}
        assert APIClient().post(f"{AUTH}/{purpose}", body).status_code == 400
    assert APIClient().post(f"{AUTH}/account/keep", {"token": token}).status_code == 200
    assert sign_in(anna.user).session.ended_at is None
    assert json.dumps(token) not in json.dumps([entry.details for entry in entries()])
