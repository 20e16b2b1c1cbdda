"""The end of an account: stopped at once, called off within its grace, erased for good after it."""

import datetime as dt
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import erasure, links, password_changes, people, reversals, sessions, statistics, stewardship
from accounts.models import Handle, Link, Session, User
from accounts.testing import ORIGIN, PASSWORD, client_of, make_person, newest_link, register, sign_in
from audit.models import Personal
from audit.testing import entries, the_entry
from kit.clock import utcnow
from kit.errors import Conflict, Invalid, InvalidToken
from kit.personal_data import Eraser, Subject
from notifications.models import Message
from notifications.testing import deliver_all, make_message

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
GRACE = 30 * DAY


def token_of(user: User) -> str:
    """Return the token of the mail that brings this account back."""
    return links.text_of(Link.objects.get(user=user, purpose=Link.Purpose.KEEP))


def delete(user: User, *, actor: User | None = None) -> dt.datetime:
    return erasure.request(user=user, actor=actor or user, now=utcnow(), origin=ORIGIN)


def test_deleted_account_is_stopped_at_once() -> None:
    signed_in = sign_in()
    delete(signed_in.user)
    assert sessions.find_live(session_id=signed_in.session.pk, door=Session.Door.API, now=utcnow()) is None
    user = User.objects.get(pk=signed_in.user.pk)
    assert not people.may_act(user)
    assert Session.objects.get(user=user).end_reason == Session.EndReason.DELETED


def test_asking_again_moves_nothing() -> None:
    user = make_person()
    first = delete(user)
    assert erasure.request(user=user, actor=user, now=utcnow() + DAY) == first
    assert len(entries("accounts.user.deleted")) == 1


def test_last_who_may_do_everything_stays() -> None:
    root = make_person(is_superuser=True)
    with pytest.raises(Conflict):
        delete(root)
    root.refresh_from_db()
    assert (root.is_active, root.erase_at) == (True, None)


def test_link_of_the_mail_brings_the_account_back_once() -> None:
    user = make_person()
    delete(user)
    token = token_of(user)
    erasure.stop(token=token, now=utcnow() + DAY, origin=ORIGIN)
    user.refresh_from_db()
    assert people.may_act(user)
    with pytest.raises(Invalid):
        erasure.stop(token=token, now=utcnow() + DAY, origin=ORIGIN)


def test_link_is_good_no_more_when_the_grace_is_over() -> None:
    user = make_person()
    delete(user)
    with pytest.raises(Invalid):
        erasure.stop(token=token_of(user), now=utcnow() + GRACE + DAY, origin=ORIGIN)


def test_what_staff_delete_the_person_does_not_bring_back() -> None:
    user, root = make_person(), make_person(is_superuser=True)
    delete(user, actor=root)
    assert not Link.objects.filter(user=user, purpose=Link.Purpose.KEEP).exists()
    assert Message.objects.get(recipient=user.email).kind == "accounts.deleted_by_staff"


def test_staff_bring_back_until_the_grace_is_over() -> None:
    user, root = make_person(), make_person(is_superuser=True)
    delete(user)
    token = token_of(user)
    stewardship.activate(user=user, actor=root, now=utcnow() + DAY)
    user.refresh_from_db()
    assert people.may_act(user)
    with pytest.raises(InvalidToken):
        links.find(token=token, purpose=Link.Purpose.KEEP, now=utcnow())


def test_nobody_brings_back_what_is_being_erased() -> None:
    user = make_person()
    delete(user)
    with pytest.raises(erasure.EndedForGood):
        stewardship.activate(user=user, actor=None, now=utcnow() + GRACE + DAY)


def test_account_that_staff_stop_after_it_was_deleted_has_no_link_back() -> None:
    user, root = make_person(), make_person(is_superuser=True)
    delete(user)
    token = token_of(user)
    stewardship.deactivate(user=user, actor=root, now=utcnow())
    with pytest.raises(Invalid):
        erasure.stop(token=token, now=utcnow(), origin=ORIGIN)
    stewardship.deactivate(user=user, actor=root, now=utcnow())
    assert [entry.actor for entry in entries("accounts.user.deactivated")] == [root.pk]


@pytest.mark.parametrize("stopped", [{"is_active": False}, {"frozen_at": utcnow()}])
def test_account_that_was_stopped_while_its_owner_asked_gets_no_link_back(stopped: dict[str, Any]) -> None:
    user = make_person()
    User.objects.filter(pk=user.pk).update(**stopped)
    with pytest.raises(erasure.StoppedMeanwhile):
        delete(user)
    assert not Link.objects.filter(purpose=Link.Purpose.KEEP).exists()
    assert User.objects.get(pk=user.pk).erase_at is None


def test_nothing_is_erased_before_its_time() -> None:
    user = make_person()
    delete(user)
    assert erasure.erase_due(now=utcnow() + GRACE - DAY) == 0
    assert User.objects.filter(pk=user.pk).exists()


def test_erased_person_is_nowhere_and_her_address_is_free() -> None:
    signed_in = sign_in(make_person("anna@example.com", first_name="Anna", username="anna"))
    register("anna@example.com")
    delete(signed_in.user)
    assert erasure.erase_due(now=utcnow() + GRACE + DAY) == 1
    assert not User.objects.filter(pk=signed_in.user.pk).exists()
    assert not Handle.objects.exists()
    again = make_person("anna@example.com", username="anna")
    assert again.pk != signed_in.user.pk
    assert client_of(signed_in).get("/api/v1/users/me").status_code == 401


def test_log_keeps_its_entries_and_nothing_personal_beside_them() -> None:
    signed_in = sign_in(make_person("anna@example.com"))
    APIClient().post("/api/v1/auth/login", {"email": "Anna@Example.com", "password": "wrong"})
    delete(signed_in.user)
    before = len(entries())
    erasure.erase_due(now=utcnow() + GRACE + DAY)
    assert len(entries()) == before + 1
    assert entries()[-1].action == "accounts.user.erased"
    assert not Personal.objects.exclude(address="", agent="", name="").exists()


def test_messages_to_her_are_emptied_and_those_to_others_kept() -> None:
    anna = make_person("anna@example.com")
    both: dict[str, Any] = {"to": ["bert@example.com", "Anna@example.com"], "recipient": "bert@example.com"}
    make_message(status="sent", due_at=None, text="Dear Anna", **both)
    make_message(status="scheduled", due_at=utcnow() + 90 * DAY, text="Dear Anna", **both)
    delete(anna)
    erasure.erase_due(now=utcnow() + GRACE + DAY)
    done, waiting = Message.objects.filter(kind="").order_by("created_at", "pk")
    assert (done.to, done.recipient, done.text) == ([], "", "")
    assert (waiting.to, waiting.text) == (["bert@example.com"], "Dear Anna")
    assert not Message.objects.filter(recipient="anna@example.com").exists()


def test_message_that_waits_for_her_alone_is_cancelled() -> None:
    anna = make_person("anna@example.com")
    make_message(due_at=utcnow() + 90 * DAY)
    delete(anna)
    erasure.erase_due(now=utcnow() + GRACE + DAY)
    message = Message.objects.get(kind="")
    assert (message.status, message.due_at, message.to) == ("cancelled", None, [])


def broken(subject: Subject, now: dt.datetime) -> None:
    """Fail for one person, as an app may."""
    if "broken@example.com" in subject.names:
        raise RuntimeError("not today")


def test_owner_who_says_that_it_was_not_her_has_her_account_again() -> None:
    anna = sign_in(make_person("anna@example.com"))
    new = "a password of the intruder's"
    password_changes.change(
        session=anna.session, current_password=PASSWORD, new_password=new, now=utcnow(), origin=ORIGIN
    )
    delete(anna.user)
    reversals.undo(token=newest_link(anna.user, Link.Purpose.UNDO), now=utcnow() + DAY, origin=ORIGIN)
    user = User.objects.get(pk=anna.user.pk)
    assert (user.is_active, user.erase_at, user.frozen_at is not None) == (True, None, True)


def test_what_staff_deleted_an_undone_change_does_not_bring_back() -> None:
    user = make_person()
    delete(user, actor=make_person(is_superuser=True))
    user.refresh_from_db()
    erasure.call_off(user=user, now=utcnow())
    assert not user.is_active


def test_account_that_was_brought_back_at_the_last_moment_stays() -> None:
    user = make_person()
    delete(user)
    User.objects.filter(pk=user.pk).update(is_active=True, erase_at=None)
    erasure.erase(user=user, now=utcnow() + GRACE + DAY)
    assert User.objects.filter(pk=user.pk).exists()


BROKEN = Eraser(models=frozenset(), erase=broken)


def test_one_that_fails_stays_and_keeps_no_other_waiting(settings: Any) -> None:
    settings.ACCOUNTS_ERASERS = ["accounts.tests.test_erasure.BROKEN", *settings.ACCOUNTS_ERASERS]
    first, second = make_person("broken@example.com"), make_person()
    delete(first)
    delete(second)
    assert erasure.erase_due(now=utcnow() + GRACE + DAY) == 1
    assert list(User.objects.all()) == [first]
    settings.ACCOUNTS_ERASERS = settings.ACCOUNTS_ERASERS[1:]
    assert erasure.erase_due(now=utcnow() + GRACE + DAY) == 0
    assert erasure.erase_due(now=utcnow() + GRACE + DAY + erasure.AGAIN) == 1


def test_failures_are_put_behind_those_that_were_not_tried(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ACCOUNTS_ERASERS = ["accounts.tests.test_erasure.BROKEN", *settings.ACCOUNTS_ERASERS]
    monkeypatch.setattr(erasure, "BATCH", 1)
    for person in (make_person("broken@example.com"), make_person()):
        delete(person)
    now = utcnow() + GRACE + DAY
    assert [erasure.erase_due(now=now) for _ in range(2)] == [0, 1]
    assert [erasure.erase_due(now=now + hours * erasure.AGAIN) for hours in (1, 2)] == [0, 0]
    entry = the_entry("accounts.erasure.failed")
    assert (entry.actor_kind, entry.details) == ("system", {"error": "RuntimeError"})
    assert statistics.count_unerased(now) == 1
    assert User.objects.get().erasure_failed_at == now + 2 * erasure.AGAIN


def test_mails_say_when_and_only_her_own_has_a_link() -> None:
    anna, bert = make_person("anna@example.com"), make_person("bert@example.com")
    delete(anna)
    delete(bert, actor=make_person(is_superuser=True))
    texts = {mail.to[0]: mail.text for mail in deliver_all()}
    assert f"/keep-account?token={token_of(anna)}" in texts["anna@example.com"]
    assert "token=" not in texts["bert@example.com"]
    assert f"{utcnow() + GRACE:%B %Y}" in texts["bert@example.com"]


def test_opening_the_page_changes_nothing_and_its_button_keeps_the_account(client: Any) -> None:
    user = make_person()
    delete(user)
    page = client.get("/keep-account", {"token": token_of(user)})
    user.refresh_from_db()
    assert (page.status_code, user.is_active) == (200, False)
    assert "Your account is back" in client.post("/keep-account", {"token": token_of(user)}).text
    user.refresh_from_db()
    assert user.is_active
