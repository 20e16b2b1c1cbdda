"""Names, and who may have which."""

import datetime as dt

import pytest

from accounts import handles, profiles
from accounts.models import Handle, User
from accounts.testing import make_person
from kit.errors import Invalid, Throttled
from kit.testing import races

pytestmark = pytest.mark.django_db

NAME = "anna@example.com"
EMAIL = Handle.Kind.EMAIL


def given_up(user: User, now: dt.datetime) -> Handle:
    """Give up a further address of hers."""
    handles.claim(user=user, kind=EMAIL, name=NAME, now=now)
    handle = Handle.objects.get(canonical=NAME)
    handles.give_up(handle=handle, now=now)
    return handle


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("admin", "reserved"),
        ("ROOT", "reserved"),
        ("\uff41dmin", "reserved"),
        ("ad.min", "reserved"),
        ("a_d-m.i.n", "reserved"),
        ("\u0430dmin", "mixed_scripts"),
        ("admin\u0661", "mixed_scripts"),
        ("admin\u200b", "invalid_username"),
        ("admin\u202eroot", "invalid_username"),
        ("a\u3164b", "invalid_username"),
        ("admin@example", "invalid_username"),
    ],
)
def test_a_name_that_could_pass_for_another_is_refused(name: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        handles.username(name)
    assert (refused.value.field, refused.value.reason) == ("username", reason)


@pytest.mark.parametrize("name", ["anna", "administrata", "anna7", "\u0430\u043d\u043d\u0430", "\u0645\u0631\u06397"])
def test_a_name_of_one_script_is_fine(name: str) -> None:
    assert handles.username(name) == name


def test_a_name_in_use_is_taken(now: dt.datetime) -> None:
    make_person(NAME)
    assert handles.is_taken(NAME, now=now)
    assert not handles.is_taken("bert@example.com", now=now)
    with pytest.raises(handles.NameTaken):
        handles.claim(user=make_person(), kind=EMAIL, name=NAME, now=now)


def test_a_name_given_up_finds_nobody(now: dt.datetime) -> None:
    given_up(make_person(), now)
    assert User.objects.find_by_name(NAME) is None


def test_a_name_given_up_is_kept_from_others_for_a_week(now: dt.datetime) -> None:
    given_up(make_person(), now)
    stranger = make_person()
    almost = now + dt.timedelta(days=7, seconds=-1)
    assert handles.is_taken(NAME, now=almost)
    with pytest.raises(handles.NameTaken):
        handles.claim(user=stranger, kind=EMAIL, name=NAME, now=almost)
    over = now + dt.timedelta(days=7)
    assert not handles.is_taken(NAME, now=over)
    handles.claim(user=stranger, kind=EMAIL, name=NAME, now=over)
    assert User.objects.find_by_name(NAME) == stranger


def test_whoever_gave_a_name_up_may_take_it_back(now: dt.datetime) -> None:
    user = make_person()
    given_up(user, now)
    handles.claim(user=user, kind=EMAIL, name=NAME, now=now)
    assert User.objects.find_by_name(NAME) == user


def rename(user: User, name: str, now: dt.datetime) -> None:
    profiles.update(user=user, changes={"username": name}, now=now)


def test_a_user_name_is_kept_after_a_rename_and_then_free(now: dt.datetime) -> None:
    anna, stranger = make_person(username="anna"), make_person()
    rename(anna, "anna.berg", now)
    assert User.objects.find_by_name("anna") is None
    with pytest.raises(Invalid):
        rename(stranger, "anna", now + dt.timedelta(days=6))
    rename(stranger, "anna", now + dt.timedelta(days=7))
    assert User.objects.find_by_name("anna") == stranger


def test_a_user_name_given_up_is_hers_to_take_back(now: dt.datetime) -> None:
    anna = make_person(username="anna")
    for name in ("anna.berg", "anna", "", "anna"):
        rename(anna, name, now)
    assert User.objects.find_by_name("anna") == anna
    assert Handle.objects.get(canonical="anna").is_primary


def test_nobody_keeps_many_user_names_from_others(now: dt.datetime) -> None:
    user = make_person(username="name0")
    for number in range(handles.MOST_HELD):
        rename(user, f"name{number + 1}", now)
    with pytest.raises(Throttled) as refused:
        rename(user, "another", now)
    assert refused.value.retry_after == 7 * 24 * 3600
    assert User.objects.find_by_name(f"name{handles.MOST_HELD}") == user
    rename(user, "name0", now)
    rename(user, "another", now + dt.timedelta(days=7))


def test_purging_deletes_what_is_held_no_more(now: dt.datetime) -> None:
    given_up(make_person(), now)
    assert handles.purge(now=now + dt.timedelta(days=6)) == 0
    assert handles.purge(now=now + dt.timedelta(days=7)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_held", [False, True])
def test_of_fifty_who_claim_a_name_one_gets_it(was_held: bool, now: dt.datetime) -> None:
    later = now + dt.timedelta(days=8)
    if was_held:
        given_up(make_person(), now)
    people = iter([make_person(password="") for _ in range(50)])  # nobody signs in
    results = races.run(50, lambda: handles.claim(user=next(people), kind=EMAIL, name=NAME, now=later))
    assert results.count(None) == 1
    assert sum(isinstance(result, handles.NameTaken) for result in results) == 49
