"""Links that are mailed: one use, the newest alone, their own purpose, their own time."""

import datetime as dt
from typing import Any

import pytest

from accounts import links
from accounts.models import Link, User
from accounts.testing import make_person
from kit.clock import utcnow
from kit.errors import InvalidToken
from kit.testing import races

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def issue(user: User | None, purpose: Link.Purpose = Link.Purpose.RESET, **more: Any) -> Link:
    return links.issue(purpose=purpose, address="anna@example.com", user=user, now=utcnow(), lifetime=HOUR, **more)


def use(link: Link, purpose: Link.Purpose = Link.Purpose.RESET, **more: Any) -> Link:
    return links.use(token=links.text_of(link), purpose=purpose, now=more.get("now", utcnow()))


def test_a_link_is_good_once() -> None:
    link = issue(make_person())
    assert use(link).pk == link.pk
    with pytest.raises(InvalidToken):
        use(link)


def test_a_link_can_be_looked_at_without_being_used() -> None:
    link = issue(make_person())
    assert links.find(token=links.text_of(link), purpose=Link.Purpose.RESET, now=utcnow()).pk == link.pk
    assert use(link).used_at is not None
    with pytest.raises(InvalidToken):
        links.find(token=links.text_of(link), purpose=Link.Purpose.RESET, now=utcnow())


def test_only_the_newest_of_a_purpose_is_good() -> None:
    user = make_person()
    old, new = issue(user), issue(user)
    assert not links.is_good(old, now=utcnow())
    with pytest.raises(InvalidToken):
        use(old)
    assert use(new).pk == new.pk
    with pytest.raises(InvalidToken):
        use(old)


def test_links_that_undo_are_good_side_by_side() -> None:
    user = make_person()
    first, second = issue(user, Link.Purpose.UNDO), issue(user, Link.Purpose.UNDO)
    assert use(first, Link.Purpose.UNDO).pk == first.pk
    assert use(second, Link.Purpose.UNDO).pk == second.pk


def test_a_link_of_another_purpose_opens_nothing() -> None:
    with pytest.raises(InvalidToken):
        use(issue(make_person()), Link.Purpose.SIGN_IN)


def test_a_link_ends_at_its_time() -> None:
    link = issue(make_person())
    with pytest.raises(InvalidToken):
        use(link, now=link.expires_at)
    assert use(link, now=link.expires_at - dt.timedelta(seconds=1)).pk == link.pk


def test_a_link_of_nobody_opens_nothing() -> None:
    with pytest.raises(InvalidToken):
        use(issue(None))


def test_a_voided_link_opens_nothing() -> None:
    user = make_person()
    link, other = issue(user), issue(user, Link.Purpose.SIGN_IN)
    assert links.void(user=user, purposes=(Link.Purpose.RESET,), now=utcnow()) == 1
    with pytest.raises(InvalidToken):
        use(link)
    assert use(other, Link.Purpose.SIGN_IN).pk == other.pk


def test_a_link_leads_to_the_clients_page_or_to_ours() -> None:
    user = make_person()
    ours, theirs = issue(user), issue(user, landing="https://app.example.com/reset?lang=de")
    assert links.url_of(ours, page="reset").endswith(f"/reset?token={links.text_of(ours)}")
    text = links.text_of(theirs)
    assert links.url_of(theirs, page="reset") == f"https://app.example.com/reset?lang=de&token={text}"


def test_links_are_forgotten_a_day_after_their_end() -> None:
    link = issue(make_person())
    assert links.purge(now=link.expires_at + dt.timedelta(hours=23)) == 0
    assert links.purge(now=link.expires_at + dt.timedelta(hours=24)) == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_use_a_link_once() -> None:
    link = issue(make_person())
    outcomes = races.run(50, lambda: use(link))
    assert sum(isinstance(outcome, Link) for outcome in outcomes) == 1
