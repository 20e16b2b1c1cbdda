"""What people are told by mail of roles and requests, in the whole house."""

import datetime as dt
from typing import Any

import pytest
from django.urls import resolve

from accounts.models import User
from accounts.testing import make_person
from kit.clock import utcnow
from kit.errors import PermissionRefused
from notifications import rendering
from notifications.models import Message
from notifications.wording import Rendered
from roles import access_requests, endings, grants
from roles.message_kinds import KIND_OF
from roles.models import AccessRequest, Role
from roles.notices import News
from roles.testing import give_role, make_role

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def anna() -> User:
    return make_person("anna@example.org")


@pytest.fixture
def root() -> User:
    return make_person("root@example.org", is_superuser=True)


@pytest.fixture(autouse=True)
def courier() -> None:
    make_role("courier", "notifications.send_message")
    Role.objects.filter(name="courier").update(requestable=True)


def asking(user: User, **other: Any) -> AccessRequest:
    wish = {"role": "courier", "minutes": 60, "reason": "Pay at https://evil.example", "now": utcnow(), **other}
    return access_requests.ask(user=user, **wish).request


def mails_to(user: User, news: News) -> list[Message]:
    return list(Message.objects.filter(kind=KIND_OF[news].name, recipient=user.email).order_by("id"))


def written(message: Message, now: dt.datetime | None = None) -> Rendered | None:
    """Return what a message says if it is sent now; None when there is nothing to send any more."""
    kind = next(kind for kind in KIND_OF.values() if kind.name == message.kind)
    assert message.reference is not None
    content = kind.content(message.reference, now or utcnow())
    return None if content is None else rendering.render(content, template=kind.template)


def says(mail: Rendered | None, *words: str) -> bool:
    """Tell whether both forms of a mail hold every one of these words."""
    return mail is not None and all(word in mail.text and word in mail.html for word in words)


def test_who_may_decide_is_asked_without_a_word_that_the_asker_chose(anna: User, root: User) -> None:
    request = asking(anna, resource="x:https://evil.example/now")
    [message] = mails_to(root, News.REQUEST_ASKED)
    mail = written(message)
    path = f"/admin/roles/accessrequest/{request.pk}/change/"
    assert says(mail, "anna@example.org", "Role: courier", "On: one resource", "For: 60 minutes", path)
    assert mail is not None
    assert "evil" not in mail.text + mail.html + mail.subject
    assert not mails_to(anna, News.REQUEST_ASKED)


def test_link_of_the_mail_is_a_page_of_the_admin() -> None:
    path = f"/admin/roles/accessrequest/{AccessRequest().pk}/change/"
    assert resolve(path).url_name == "roles_accessrequest_change"


def test_plain_resource_is_told(anna: User, root: User) -> None:
    asking(anna, resource="org:01a202ba-f9dc-77cd-a1ea-d64ea3cbc523")
    [message] = mails_to(root, News.REQUEST_ASKED)
    assert says(written(message), "On: org:01a202ba-f9dc-77cd-a1ea-d64ea3cbc523 and what lies below it")


def test_proposal_names_who_proposes_and_its_end(anna: User, root: User) -> None:
    other, end = make_person("other@example.org", is_superuser=True), utcnow() + 24 * HOUR
    access_requests.propose(user=anna, role="courier", expires_at=end, actor=root, now=utcnow())
    [message] = mails_to(other, News.REQUEST_ASKED)
    assert says(written(message), "root@example.org proposes to give anna@example.org", f"Until: {end:%-d %B %Y}")


def test_request_that_was_decided_meanwhile_asks_nobody_any_more(anna: User, root: User) -> None:
    request = asking(anna)
    [message] = mails_to(root, News.REQUEST_ASKED)
    assert written(message, utcnow() + 7 * 24 * HOUR) is None
    access_requests.withdraw(request_id=request.pk, actor=anna, now=utcnow())
    assert written(message) is None
    AccessRequest.objects.all().delete()
    assert written(message) is None


@pytest.mark.parametrize(
    ("decide", "subject", "words"),
    [
        (access_requests.approve, "A role that was asked for is given", ("has been given", "Until: ", "Not for long")),
        (access_requests.refuse, "A role that was asked for is not given", ("has not been given", "Not for long")),
    ],
)
def test_who_asked_is_told_the_decision(
    decide: Any, subject: str, words: tuple[str, ...], anna: User, root: User
) -> None:
    decide(request_id=asking(anna).pk, actor=root, answer="Not for long", now=utcnow())
    [message] = mails_to(anna, News.REQUEST_DECIDED)
    mail = written(message)
    assert says(mail, "Role: courier", *words)
    assert mail is not None
    assert mail.subject == subject
    assert not mails_to(anna, News.GRANT_GIVEN)


def test_who_did_not_ask_is_told_the_decision_without_a_word_that_somebody_chose(anna: User, root: User) -> None:
    other = make_person("other@example.org", is_superuser=True)
    row = access_requests.propose(user=anna, role="courier", actor=root, now=utcnow()).request
    access_requests.refuse(request_id=row.pk, actor=other, answer="Pay at https://evil.example", now=utcnow())
    [message] = mails_to(anna, News.REQUEST_DECIDED)
    mail = written(message)
    assert says(mail, "has not been given")
    assert mail is not None
    assert "evil" not in mail.text + mail.html


def test_who_asked_is_told_that_nobody_decided(anna: User) -> None:
    asking(anna, now=utcnow() - 8 * 24 * HOUR)
    access_requests.lapse(now=utcnow())
    [message] = mails_to(anna, News.REQUEST_DECIDED)
    assert says(written(message), "Nobody decided in time")


def test_decision_of_a_request_that_is_gone_is_told_to_nobody(anna: User, root: User) -> None:
    access_requests.refuse(request_id=asking(anna).pk, actor=root, now=utcnow())
    [message] = mails_to(anna, News.REQUEST_DECIDED)
    AccessRequest.objects.all().delete()
    assert written(message) is None


def test_person_is_told_what_staff_gave_her_and_took_back(anna: User, root: User) -> None:
    now = utcnow()
    grants.give(holder=anna, role="courier", resource="org:7", expires_at=now + HOUR, actor=root, now=now)
    grants.take(holder=anna, role="courier", resource="org:7", actor=root, now=now)
    [given], [taken] = mails_to(anna, News.GRANT_GIVEN), mails_to(anna, News.GRANT_TAKEN)
    assert says(written(given), "have given you a role", "Role: courier", "On: org:7", "Until: ", "When: ")
    assert says(written(taken), "have taken a role back", "Role: courier", "On: org:7")


def test_person_is_told_that_her_role_has_another_end(anna: User, root: User) -> None:
    now = utcnow()
    grants.give(holder=anna, role="courier", actor=root, now=now)
    grants.give(holder=anna, role="courier", expires_at=now + HOUR, actor=root, now=now)
    given, changed = sorted(mails_to(anna, News.GRANT_GIVEN), key=lambda message: message.pk)
    assert says(written(given), "have given you a role")
    assert says(written(changed), "have changed", "how long you have this role", "Role: courier", "Until: ")


def test_one_who_gives_and_takes_back_again_and_again_fills_nobodys_mailbox(anna: User, root: User) -> None:
    now = utcnow()
    for _ in range(12):
        grants.give(holder=anna, role="courier", actor=root, now=now)
        grants.take(holder=anna, role="courier", actor=root, now=now)
    assert Message.objects.filter(recipient=anna.email).count() == 20
    grants.give(holder=anna, role="courier", actor=make_person(is_superuser=True), now=now)
    assert Message.objects.filter(recipient=anna.email).count() == 21


def test_person_is_told_of_a_denial_and_its_end(anna: User, root: User) -> None:
    now = utcnow()
    grants.give(holder=anna, role="courier", denies=True, expires_at=now + HOUR, actor=root, now=now)
    endings.clear(now=now + HOUR)
    [given], [ended] = mails_to(anna, News.GRANT_GIVEN), mails_to(anna, News.GRANT_ENDED)
    assert says(written(given), "deny you", "Role: courier")
    assert says(written(ended), "are no more")


def test_person_is_told_that_her_role_has_ended(anna: User) -> None:
    now = utcnow()
    give_role(anna, "courier", expires_at=now + HOUR, now=now)
    endings.clear(now=now + HOUR)
    [message] = mails_to(anna, News.GRANT_ENDED)
    assert says(written(message), "That while is over", "Role: courier")


def test_notice_without_its_entry_says_nothing() -> None:
    assert KIND_OF[News.GRANT_GIVEN].content(AccessRequest().pk, utcnow()) is None


def test_stopped_account_is_told_nothing(anna: User, root: User) -> None:
    User.objects.filter(pk=anna.pk).update(is_active=False)
    grants.give(holder=User.objects.get(pk=anna.pk), role="courier", actor=root, now=utcnow())
    assert not Message.objects.filter(recipient=anna.email).exists()


def test_refused_change_tells_nobody(anna: User) -> None:
    carl = make_person("carl@example.org")
    with pytest.raises(PermissionRefused):
        grants.give(holder=anna, role="courier", actor=carl, now=utcnow())
    assert not Message.objects.exists()
