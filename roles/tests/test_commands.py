import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from roles.models import Grant
from roles.testing import give_role, make_group
from roles.tests.people.making import make_person

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_grant_gives_a_role_and_says_so() -> None:
    anna = make_person()
    told = run("roles_grant", "anna@example.com", "notifier", "--reason", "sends the newsletter")
    assert told == "anna@example.com now has the role notifier on everything.\n"
    assert anna.has_perm("notifications.send_message")
    assert Grant.objects.get().reason == "sends the newsletter"


def test_grant_may_be_limited_to_a_resource() -> None:
    anna = make_person()
    run("roles_grant", "anna@example.com", "notifier", "--resource", "org:7")
    assert anna.has_perm("notifications.send_message", "org:7")
    assert not anna.has_perm("notifications.send_message")


def test_grant_given_again_is_no_failure() -> None:
    make_person()
    run("roles_grant", "anna@example.com", "notifier")
    assert run("roles_grant", "anna@example.com", "notifier").startswith("anna@example.com already had the role")


def test_revoke_takes_a_role_back_and_says_so() -> None:
    anna = make_person()
    give_role(anna, "notifier")
    told = run("roles_revoke", "anna@example.com", "notifier")
    assert told == "anna@example.com no longer has the role notifier on everything.\n"
    assert not anna.has_perm("notifications.send_message")


def test_group_is_given_a_role_and_loses_it() -> None:
    anna = make_person()
    make_group("sales", anna)
    told = run("roles_grant", "sales", "notifier", "--group", "--resource", "org:7")
    assert told == "The group sales now has the role notifier on org:7.\n"
    assert anna.has_perm("notifications.send_message", "org:7")
    told = run("roles_revoke", "sales", "notifier", "--group", "--resource", "org:7")
    assert told == "The group sales no longer has the role notifier on org:7.\n"
    assert not anna.has_perm("notifications.send_message", "org:7")


def test_denial_is_made_and_lifted() -> None:
    anna = make_person()
    give_role(anna, "notifier")
    told = [run("roles_grant", "anna@example.com", "notifier", "--deny") for _ in range(2)]
    assert told == [
        "anna@example.com is now denied the role notifier on everything.\n",
        "anna@example.com is already denied the role notifier on everything.\n",
    ]
    assert not anna.has_perm("notifications.send_message")
    lifted = run("roles_revoke", "anna@example.com", "notifier", "--deny")
    assert lifted == "anna@example.com is no longer denied the role notifier on everything.\n"
    assert anna.has_perm("notifications.send_message")


def test_grant_may_end_by_itself() -> None:
    make_person()
    told = run("roles_grant", "anna@example.com", "notifier", "--until", "2098-12-31T23:00:00+01:00")
    assert told == "anna@example.com now has the role notifier on everything until 2098-12-31T22:00:00Z.\n"
    told = run("roles_grant", "anna@example.com", "notifier", "--until", "2099-12-31T22:00:00Z")
    assert told == "anna@example.com already had the role notifier on everything; it ends 2099-12-31T22:00:00Z.\n"
    assert Grant.objects.get().expires_at == dt.datetime(2099, 12, 31, 22, tzinfo=dt.UTC)


@pytest.mark.parametrize("moment", ["tomorrow", "2098-12-31", "2098-12-31T22:00:00", "2098-13-31T22:00:00Z"])
def test_moment_that_is_none_is_refused(moment: str) -> None:
    make_person()
    with pytest.raises(CommandError, match="with its offset"):
        run("roles_grant", "anna@example.com", "notifier", "--until", moment)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("roles_grant", "sales", "notifier", "--group"), "no such group"),
        (("roles_grant", "anna@example.com", "notifier", "--until", "2001-01-01T00:00:00Z"), "in the future"),
        (("roles_revoke", "anna@example.com", "administrator", "--deny"), "not given there"),
        (("roles_grant", "nobody@example.com", "notifier"), "no person with the address"),
        (("roles_grant", "anna@example.com", "nothing"), "no such role"),
        (("roles_grant", "anna@example.com", "notifier", "--resource", "org"), "type:id"),
        (("roles_revoke", "nobody@example.com", "notifier"), "no person with the address"),
        (("roles_revoke", "anna@example.com", "notifier"), "not given there"),
        (("roles_revoke", "anna@example.com", "administrator"), "last person"),
    ],
)
def test_failure_is_one_clear_line(words: tuple[str, ...], reason: str) -> None:
    give_role(make_person(), "administrator")
    with pytest.raises(CommandError) as caught:
        run(*words)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.returncode == 1


def test_database_without_our_tables_is_one_clear_line() -> None:
    make_person()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE roles_grant RENAME TO roles_grant_elsewhere")
    with pytest.raises(CommandError, match="database could not be used"):
        run("roles_grant", "anna@example.com", "notifier")
