"""Who may do everything, and who may manage whom, across accounts and roles, also in parallel."""

import pytest
from django.contrib.auth import get_user_model

from accounts import erasure, stewardship
from accounts.models import User
from accounts.testing import client_of, make_person, sign_in
from kit.clock import utcnow
from kit.errors import Refusal
from kit.testing import races
from roles.guards import LastHolder
from roles.testing import allow, give_role

USERS = "/api/v1/users"


def administrators() -> tuple[User, User]:
    pair = make_person(), make_person()
    for person in pair:
        give_role(person, "administrator")
    return pair


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [stewardship.deactivate, stewardship.delete])
def test_of_two_administrators_who_stop_each_other_at_once_one_remains(act: object) -> None:
    first, second = administrators()
    pairs = iter([(first, second), (second, first)])

    def stop() -> None:
        actor, user = next(pairs)
        act(user=user, actor=actor, now=utcnow())  # type: ignore[operator]

    outcomes = races.run(2, stop)
    assert [isinstance(outcome, Refusal) for outcome in outcomes].count(True) == 1
    assert get_user_model().objects.filter(pk__in=[first.pk, second.pk], is_active=True).count() == 1


@pytest.mark.django_db
def test_last_administrator_is_neither_deleted_nor_stopped() -> None:
    first, second = administrators()
    stewardship.delete(user=second, actor=first, now=utcnow())
    with pytest.raises(LastHolder):
        erasure.request(user=first, actor=first, now=utcnow())
    first.refresh_from_db()
    assert first.is_active


@pytest.mark.django_db
def test_user_manager_reaches_those_who_hold_no_more_and_nobody_else() -> None:
    manager, member, sender, root = sign_in(), make_person(), make_person(), make_person(is_superuser=True)
    give_role(manager.user, "user-manager")
    allow(sender, "notifications.send_message")
    client = client_of(manager)
    answers = [client.post(f"{USERS}/{person.pk}/deactivate").status_code for person in (member, sender, root)]
    assert answers == [204, 403, 403]
    allow(manager.user, "notifications.send_message")
    assert client.post(f"{USERS}/{sender.pk}/deactivate").status_code == 204


@pytest.mark.django_db
def test_stopped_administrator_is_not_brought_back_by_less_than_one() -> None:
    manager, root = sign_in(), make_person(is_superuser=True, is_active=False)
    give_role(manager.user, "user-manager")
    assert client_of(manager).post(f"{USERS}/{root.pk}/activate").status_code == 403


@pytest.mark.django_db
def test_manager_who_lost_the_role_is_stopped_at_the_next_call() -> None:
    from roles import grants

    manager, member = sign_in(), make_person()
    give_role(manager.user, "user-manager")
    client = client_of(manager)
    assert client.get(f"{USERS}/{member.pk}").status_code == 200
    grants.take(holder=manager.user, role="user-manager", actor=None, now=utcnow())
    assert client.get(f"{USERS}/{member.pk}").status_code == 404
    assert client.post(f"{USERS}/{member.pk}/deactivate").status_code == 404
