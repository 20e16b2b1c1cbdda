"""Setting up a contact for codes: where they go, and that nothing is on until one came back."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import SentCode, Session
from accounts.testing import ORIGIN, make_person, sign_in
from audit.testing import the_entry
from kit.errors import Conflict, Invalid, Throttled, Unavailable
from mfa import enrolment, factors, inventory, setups, trust
from mfa.factors import Answer
from mfa.models import MessageFactor, TrustedDevice
from mfa.testing import make_contact, newest_code
from notifications import testing
from notifications.channels import Channel
from notifications.models import Message

pytestmark = pytest.mark.django_db

NUMBER, CHAT = "+4915112345678", "4242424242"
PURPOSE = SentCode.Purpose.ENROL
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _empty_post_box() -> Any:
    yield
    testing.forget_mail()


@pytest.fixture
def anna(now: dt.datetime) -> enrolment.Enrolling:
    """Somebody signed in whose number is confirmed."""
    user = make_person(phone=NUMBER, phone_confirmed_at=now)
    return enrolment.who_enrols(session=sign_in(user, now=now).session, now=now)


def begin(who: enrolment.Enrolling, channel: str, now: dt.datetime, chat: str = "") -> None:
    """Have a code sent to what is to be a contact."""
    proof = setups.Proof(answer=Answer())
    setups.begin_messages(who=who, proof=proof, channel=Channel(channel), name="", chat=chat, now=now, origin=ORIGIN)


def verify(who: enrolment.Enrolling, code: str, now: dt.datetime) -> enrolment.Enrolled:
    return setups.verify(who=who, code=code, now=now, origin=ORIGIN)


@pytest.mark.parametrize(
    ("channel", "chat", "amr"),
    [("email", "", "otp"), ("sms", "", "sms"), ("whatsapp", "", "otp"), ("telegram", CHAT, "otp")],
)
def test_a_contact_is_on_once_the_code_that_went_to_it_came_back(
    anna: enrolment.Enrolling, now: dt.datetime, channel: str, chat: str, amr: str
) -> None:
    to = {"email": anna.user.email, "telegram": CHAT}.get(channel, NUMBER)
    begin(anna, channel, now, chat)
    assert (factors.methods_of(anna.user), MessageFactor.objects.get().confirmed) == ([], False)
    assert Message.objects.latest("pk").to == [to]
    done = verify(anna, newest_code(anna.user, PURPOSE), now)
    assert (factors.methods_of(anna.user), len(done.recovery_codes)) == ([channel, "recovery"], 10)
    assert (MessageFactor.objects.get().to, Session.objects.get().amr) == (to, ["pwd", amr, "mfa"])


def test_the_code_is_in_the_message_and_nowhere_else(anna: enrolment.Enrolling, now: dt.datetime) -> None:
    begin(anna, "sms", now)
    code = newest_code(anna.user, PURPOSE)
    testing.deliver_all(now)
    assert code in testing.texts[-1].text
    kept = [*Message.objects.values(), *SentCode.objects.values(), *MessageFactor.objects.values()]
    assert code not in str([{name: row[name] for name in row if "id" not in name} for row in kept])


def test_a_wrong_code_turns_nothing_on(anna: enrolment.Enrolling, now: dt.datetime) -> None:
    begin(anna, "sms", now)
    code = newest_code(anna.user, PURPOSE)
    with pytest.raises(Invalid):
        verify(anna, f"{(int(code) + 1) % 10**6:06}", now)
    assert factors.methods_of(anna.user) == []
    assert the_entry("mfa.enrolment.refused").details == {"method": "sms"}
    verify(anna, code, now)


def test_a_code_for_one_contact_confirms_no_other(anna: enrolment.Enrolling, now: dt.datetime) -> None:
    begin(anna, "sms", now)
    MessageFactor.objects.all().delete()
    make_contact(anna.user, "whatsapp", to=NUMBER)
    MessageFactor.objects.update(confirmed=False, created_at=now)
    with pytest.raises(Invalid):
        verify(anna, newest_code(anna.user, PURPOSE), now)
    assert not MessageFactor.objects.filter(confirmed=True).exists()


def test_a_contact_that_goes_while_its_code_is_looked_at_is_not_on(anna: enrolment.Enrolling, now: dt.datetime) -> None:
    begin(anna, "sms", now)
    pending = MessageFactor.objects.get()
    code = newest_code(anna.user, PURPOSE)

    def confirm() -> enrolment.Confirmed:
        MessageFactor.objects.all().delete()
        return setups._confirm_contact(pending, code, now, ORIGIN)

    with pytest.raises(Invalid):
        enrolment.complete(who=anna, method="sms", confirm=confirm, now=now, origin=ORIGIN)
    assert factors.methods_of(anna.user) == []


def test_a_number_that_is_not_confirmed_gets_no_code(now: dt.datetime) -> None:
    user = make_person(phone=NUMBER)
    who = enrolment.who_enrols(session=sign_in(user, now=now).session, now=now)
    with pytest.raises(Conflict):
        begin(who, "sms", now)
    assert not SentCode.objects.exists()


@pytest.mark.parametrize("channel", ["email", "sms", "whatsapp"])
def test_a_contact_is_never_taken_from_the_request(anna: enrolment.Enrolling, now: dt.datetime, channel: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(anna, channel, now, "+4915199999999")
    assert refused.value.field == "to"
    assert not SentCode.objects.exists()


@pytest.mark.parametrize("chat", ["", "0", "-100123", "+4242", "42a", "4" * 17, "\u0664\u0662", " 42", "42\n"])
def test_what_is_no_telegram_chat_gets_no_code(anna: enrolment.Enrolling, now: dt.datetime, chat: str) -> None:
    with pytest.raises(Invalid) as refused:
        begin(anna, "telegram", now, chat)
    assert refused.value.field == "to"


def test_codes_go_out_once_a_minute_and_the_newest_alone_is_good(anna: enrolment.Enrolling, now: dt.datetime) -> None:
    begin(anna, "sms", now)
    old = newest_code(anna.user, PURPOSE)
    with pytest.raises(Throttled):
        begin(anna, "sms", now + MINUTE / 2)
    begin(anna, "sms", now + MINUTE)
    new = newest_code(anna.user, PURPOSE)
    with pytest.raises(Invalid):
        verify(anna, old if old != new else "000000", now + MINUTE)
    verify(anna, new, now + MINUTE)


def test_another_contact_takes_the_place_of_the_one_by_the_same_way(
    anna: enrolment.Enrolling, now: dt.datetime
) -> None:
    former = make_contact(anna.user, "sms", to="+4915100000000")
    Session.objects.update(factor_at=now)
    who = enrolment.Enrolling(user=anna.user, session=Session.objects.get())
    trust.grant(session=Session.objects.get(), now=now)
    begin(who, "sms", now)
    verify(who, newest_code(anna.user, PURPOSE), now)
    assert not TrustedDevice.objects.exists()
    assert (MessageFactor.objects.get().to, len(inventory.list_of(anna.user))) == (NUMBER, 1)
    assert the_entry("mfa.factor.removed").details == {"method": "sms", "factor": str(former.pk)}


def test_nothing_is_begun_by_a_way_that_no_provider_carries(
    anna: enrolment.Enrolling, now: dt.datetime, settings: Any
) -> None:
    settings.NOTIFICATIONS_TELEGRAM_PROVIDERS = []
    with pytest.raises(Unavailable):
        begin(anna, "telegram", now, CHAT)
    assert not MessageFactor.objects.exists()
