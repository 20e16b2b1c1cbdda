"""Names that nobody holds take as long as people whose hash came from elsewhere (SECURITY A03)."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import decoys, hashing, login, tasks
from accounts.foreign_hashes import recipes, stored
from accounts.models import HashForm, Session, User
from accounts.testing import ORIGIN, PASSWORD, make_person
from accounts.tests.bringing import bring, people, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("production_hashes")]

SALT = b"abcdefghijklmnopqrstuu"
COSTS = {
    "argon2id": (19, 512, 2, 1, 32),
    "bcrypt": (4,),
    "pbkdf2_sha256": (900, 32),
    "scrypt": (9, 8, 1, 32),
    "sha512_crypt": (1000,),
    "phpass": (5,),
    "md5": (0,),
}
WRONG = "wrong"
DECOMPOSED = "Gru\u0308n wie Gras im Mai"


def foreign(scheme: str, *, wrap: bool = False) -> str:
    """Return a hash of our test password as another system made it."""
    recipe = recipes.Recipe(scheme, COSTS[scheme], SALT)
    made = stored.Stored(recipe, recipe.derive(PASSWORD) or b"")
    return str(made.wrapped() if wrap else made)


def fill(**counts: int) -> dict[str, list[str]]:
    """Make so many people with hashes of each scheme, count the forms, and return their addresses."""
    made = {}
    for scheme, number in counts.items():
        password = {"ours": make_password(PASSWORD), "none": make_password(None)}.get(scheme) or foreign(scheme)
        users = [User(email=f"{scheme}-{n}@example.com", password=password) for n in range(number)]
        made[scheme] = [user.email for user in User.objects.bulk_create(users)]
    decoys.count()
    return made


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what is hashed from here on: each scheme with its costs."""
    done: list[Any] = []
    derive = recipes.Recipe.derive

    def checked(password: str, encoded: str) -> bool:
        done.append("ours")
        return bool(check_password(password, encoded))

    def derived(recipe: recipes.Recipe, password: str) -> bytes | None:
        done.append((recipe.scheme, recipe.costs))
        return derive(recipe, password)

    monkeypatch.setattr(hashing, "check_password", checked)
    monkeypatch.setattr(recipes.Recipe, "derive", derived)
    return done


def refused(name: str, now: dt.datetime, password: str = WRONG) -> None:
    credentials = login.Credentials(name=name, password=password)
    with pytest.raises(login.InvalidCredentials):
        login.begin(credentials=credentials, door=Session.Door.API, now=now, origin=ORIGIN)


def drawn(number: int = 2000) -> Counter[str]:
    """Count the forms that so many names draw which nobody holds."""
    found = (decoys.choose(f"nobody-{n}@example.com") for n in range(number))
    return Counter(decoy.form if decoy else "ours" for decoy in found)


@pytest.mark.parametrize("password", [WRONG, DECOMPOSED, "x" * 200])
@pytest.mark.parametrize("wrap", [False, True], ids=["bare", "wrapped"])
@pytest.mark.parametrize("scheme", COSTS)
def test_an_unknown_name_does_the_work_of_the_form_it_has_drawn(
    scheme: str, password: str, now: dt.datetime, work: list[Any], *, wrap: bool
) -> None:
    user = make_person()
    User.objects.update(password=foreign(scheme, wrap=wrap))
    decoys.count()
    work.clear()
    refused(user.email, now, password)
    known = list(work)
    work.clear()
    refused("nobody@example.com", now, password)
    assert work == known
    assert sum(one == "ours" or one[1][:4] == (19, 19_456, 2, 1) for one in work) >= 1


@pytest.mark.parametrize("state", ["without a password", "unreadable", "stopped", "right password, stopped"])
def test_who_cannot_sign_in_takes_as_long_as_the_others(state: str, now: dt.datetime, work: list[Any]) -> None:
    user = make_person()
    User.objects.update(password=foreign("bcrypt"))
    decoys.count()
    columns = {"without a password": {"password": "!"}, "unreadable": {"password": "no$such"}}.get(state, {})
    User.objects.update(is_active=state.startswith("w") or state == "unreadable", **columns)
    work.clear()
    refused(user.email, now, PASSWORD if state.startswith("right") else WRONG)
    assert work == [("bcrypt", (4,)), "ours"]


def test_a_quick_digest_is_not_answered_sooner_than_ours(now: dt.datetime, work: list[Any]) -> None:
    fill(md5=1, ours=1)
    work.clear()
    for name in ("md5-0@example.com", "ours-0@example.com"):
        make_findable(name)
        refused(name, now)
    assert work == [("md5", (0,)), "ours", "ours"]


def make_findable(email: str) -> None:
    """Give somebody who was written in bulk the name that she is found by."""
    User.objects.get(email=email).handles.create(kind="email", canonical=email, is_primary=True)


def test_as_many_unknown_names_as_people_do_the_work_of_each_form() -> None:
    fill(bcrypt=30, scrypt=10, ours=60, none=500)
    found = drawn()
    assert found == {"bcrypt$4": found["bcrypt$4"], "scrypt$9,8,1,32": found["scrypt$9,8,1,32"], "ours": found["ours"]}
    assert 500 < found["bcrypt$4"] < 700
    assert 130 < found["scrypt$9,8,1,32"] < 270


def test_in_a_house_without_foreign_hashes_every_name_does_our_work_alone() -> None:
    fill(ours=2, none=1)
    User.objects.create(email="garbled@example.com", password="no$such$hash")
    assert decoys.count() == 0
    assert drawn(50) == {"ours": 50}


@pytest.mark.parametrize("name", ["Anna@Example.com", " anna@example.com ", "ａｎｎａ@example.com"])
def test_every_spelling_of_a_name_draws_the_same(name: str) -> None:
    fill(bcrypt=1, md5=1, scrypt=1)
    assert decoys.choose(name) is decoys.choose("anna@example.com") is not None


def test_a_share_that_shrinks_moves_names_to_our_form_alone() -> None:
    fill(bcrypt=4, md5=2, scrypt=2, ours=2)
    names = [f"nobody-{n}@example.com" for n in range(400)]
    before = {name: decoy.form for name in names if (decoy := decoys.choose(name))}
    User.objects.filter(email__in=["bcrypt-0@example.com", "md5-0@example.com"]).update(password=make_password("x"))
    assert decoys.count() == 3
    after = {name: decoy.form for name in names if (decoy := decoys.choose(name))}
    assert len(after) < len(before)
    assert after.items() <= before.items()


def test_a_form_that_outgrows_its_room_or_is_gone_is_laid_out_anew() -> None:
    fill(bcrypt=1, md5=1)
    User.objects.filter(email="md5-0@example.com").update(password=foreign("bcrypt"))
    assert decoys.count() == 1
    assert drawn(50) == {"bcrypt$4": 50}
    fill(scrypt=3)
    assert set(drawn(200)) == {"bcrypt$4", "scrypt$9,8,1,32"}


def test_of_very_many_forms_some_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoys, "MOST_FORMS", 2)
    drawn_costs = [f"foreign$pbkdf2_sha256${900 + n},32$.salt${'A' * 43}" for n in range(7)]
    User.objects.bulk_create(User(email=f"p-{n}@example.com", password=text) for n, text in enumerate(drawn_costs))
    assert decoys.count() == 4
    assert sum(HashForm.objects.values_list("share", flat=True)) == pytest.approx(1)


def test_a_form_that_this_version_does_not_bear_is_passed_over() -> None:
    for n, form in enumerate(("bcrypt$31", "nonsense", "md5$0,0", "bcrypt$x")):
        HashForm.objects.create(form=form, beginning=n / 4, share=0.25)
    decoys.held.forget()
    assert drawn(20) == {"ours": 20}


def test_the_shares_are_read_once_a_minute_by_one_statement(django_assert_num_queries: Any) -> None:
    fill(bcrypt=1)
    with django_assert_num_queries(1):
        for n in range(5):
            decoys.choose(f"nobody-{n}@example.com")


def test_an_import_and_the_clock_count_the_forms(tmp_path: Any) -> None:
    bring(written(tmp_path, people(3)), dry_run=True)
    assert not HashForm.objects.exists()
    bring(written(tmp_path, people(3)))
    assert HashForm.objects.get().form == "bcrypt$4"
    User.objects.update(password=make_password("x"))
    assert tasks.count_hash_forms() == 0
    assert not HashForm.objects.exists()
