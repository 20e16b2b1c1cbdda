"""A passkey as a second factor, and as proof of who is signed in."""

import datetime as dt
from typing import Any

import pytest
from webauthn.helpers import encode_cbor

from accounts import login, tokens
from accounts.models import LoginAttempt, User
from accounts.testing import ORIGIN, make_person
from audit.testing import entries, the_entry
from kit.errors import Invalid, InvalidToken
from kit.testing import races
from limits.guesses import FREE_TRIES, Locked
from mfa import challenges, conf, passkeys
from mfa.factors import Answer
from mfa.message_kinds.passkeys import PASSKEY_COPIED
from mfa.models import Ceremony, Passkey
from mfa.passkeys import Asked
from mfa.testing import challenge_of, make_totp
from mfa.tests.soft_key import BE, BS, ED, EDDSA, RS256, UP, UV, SoftKey, give, text_of
from notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(now: dt.datetime) -> User:
    return make_person(now=now)


@pytest.fixture
def key(anna: User, now: dt.datetime) -> SoftKey:
    return give(anna, now)


def proves(user: User, credential: dict[str, Any], now: dt.datetime) -> tuple[str, ...]:
    return passkeys.is_right(user=user, credential=credential, now=now)


def ask(user: User, now: dt.datetime) -> Asked:
    return passkeys.begin_proof(user=user, now=now)


def go_on(challenge: str, credential: dict[str, Any], now: dt.datetime) -> login.StartedSession:
    given = Answer(method="webauthn", credential=credential)
    result = challenges.answer(challenge=challenge, given=given, now=now, origin=ORIGIN)
    assert isinstance(result, login.StartedSession)
    return result


def asked_in(challenge: str, now: dt.datetime) -> Asked:
    asked = challenges.send(challenge=challenge, method="webauthn", now=now, origin=ORIGIN)
    assert asked is not None
    return asked


def test_options_name_the_passkeys_of_the_person(anna: User, now: dt.datetime, key: SoftKey) -> None:
    options = asked_in(challenge_of(anna, now=now), now).options
    assert options["allowCredentials"] == [{"id": text_of(key.id), "type": "public-key", "transports": ["usb"]}]
    assert (options["rpId"], options["userVerification"]) == ("testserver", "preferred")


@pytest.mark.parametrize(
    ("flags", "amr"), [(UP | UV, ["hwk", "user"]), (UP, ["hwk"]), (UP | UV | BE | BS, ["swk", "user"])]
)
@pytest.mark.parametrize("algorithm", [-7, EDDSA, RS256])
def test_an_answer_completes_the_second_step(
    anna: User, now: dt.datetime, flags: int, amr: list[str], algorithm: int
) -> None:
    key = give(anna, now, SoftKey(algorithm=algorithm, flags=flags))
    challenge = challenge_of(anna, now=now)
    session = go_on(challenge, key.answer(asked_in(challenge, now)), now).session
    assert session.amr == ["pwd", *amr, "mfa"]
    assert (session.factor_at, tokens.acr(session.amr)) == (now, "aal2")
    assert Passkey.objects.get().last_used_at == now


def test_a_challenge_takes_one_answer(anna: User, now: dt.datetime, key: SoftKey) -> None:
    asked = ask(anna, now)
    assert not proves(anna, key.answer(asked, rp_id="evil.example"), now)
    assert not proves(anna, key.answer(asked), now)
    again = key.answer(ask(anna, now))
    assert proves(anna, again, now) == ("hwk", "user")
    assert not proves(anna, again, now)


def test_an_answer_is_for_the_sign_in_that_asked_for_it(anna: User, now: dt.datetime, key: SoftKey) -> None:
    first, second = challenge_of(anna, now=now), challenge_of(anna, now=now)
    credential = key.answer(asked_in(first, now))
    with pytest.raises(challenges.WrongAnswer):
        go_on(second, credential, now)
    with pytest.raises(challenges.WrongAnswer):
        go_on(first, key.answer(ask(anna, now)), now)  # asked for as proof, and not for a sign-in
    assert not proves(anna, credential, now)
    go_on(first, credential, now)


def test_a_passkey_of_another_person_proves_nothing(anna: User, now: dt.datetime, key: SoftKey) -> None:
    other = give(make_person(now=now), now)
    assert not proves(anna, other.answer(ask(anna, now)), now)
    assert proves(anna, key.answer(ask(anna, now)), now)


def test_a_passkey_that_is_gone_proves_nothing(anna: User, now: dt.datetime, key: SoftKey) -> None:
    give(anna, now)
    credential = key.answer(ask(anna, now))
    Passkey.objects.filter(credential_id=text_of(key.id)).delete()
    assert not proves(anna, credential, now)


@pytest.mark.parametrize(
    "changed",
    [
        {"flags": UV},  # nobody was there
        {"flags": UP | BS},
        {"rp_id": "evil.example"},
        {"client": {"origin": "https://evil.example"}},
        {"client": {"type": "webauthn.create"}},
        {"client": {"challenge": text_of(bytes(32))}},
        {"client": {"challenge": ""}},
    ],
)
def test_a_step_of_the_ceremony_that_does_not_hold(
    anna: User, now: dt.datetime, key: SoftKey, changed: dict[str, Any]
) -> None:
    assert not proves(anna, key.answer(ask(anna, now), **changed), now)
    assert proves(anna, key.answer(ask(anna, now)), now)


def test_a_signature_of_another_key_proves_nothing(anna: User, now: dt.datetime, key: SoftKey) -> None:
    forger = SoftKey(id=key.id)
    assert not proves(anna, forger.answer(ask(anna, now)), now)


def test_what_is_no_answer_is_told_and_uses_nothing_up(anna: User, now: dt.datetime, key: SoftKey) -> None:
    good = key.answer(ask(anna, now))
    response = good["response"]
    for wrong in (
        good | {"id": good["id"] + "=="},
        good | {"type": 5},
        good | {"response": []},
        good | {"response": response | {"authenticatorData": text_of(bytes(36))}},
        good | {"response": response | {"authenticatorData": response["authenticatorData"] + "AAAA"}},
        good | {"response": response | {"clientDataJSON": text_of(b"{")}},
        good | {"response": response | {"signature": None}},
        good | {"response": response | {"userHandle": 5}},
    ):
        with pytest.raises(Invalid) as refusal:
            proves(anna, wrong, now)
        assert refusal.value.field == "credential"
    assert proves(anna, good, now)


def test_extensions_that_it_says_are_there_may_be(anna: User, now: dt.datetime, key: SoftKey) -> None:
    tail = encode_cbor({"uvm": [1, 2]})
    assert proves(anna, key.answer(ask(anna, now), flags=UP | ED, tail=tail), now) == ("hwk",)


def test_where_users_must_be_verified_others_are_refused(
    anna: User, now: dt.datetime, key: SoftKey, settings: Any
) -> None:
    settings.MFA_PROFILE = "strict"
    asked = ask(anna, now)
    assert asked.options["userVerification"] == "required"
    assert not proves(anna, key.answer(asked, flags=UP), now)
    assert proves(anna, key.answer(ask(anna, now)), now)


@pytest.mark.parametrize("count", [4, 5, 0])
def test_a_counter_that_did_not_grow_is_refused_recorded_and_told(anna: User, now: dt.datetime, count: int) -> None:
    key = give(anna, now, SoftKey(count=5))
    for _ in range(2):
        assert not proves(anna, key.answer(ask(anna, now), count=count), now)
    assert {entry.details["reason"] for entry in entries("mfa.passkey.copied")} == {"counter"}
    assert Message.objects.filter(kind="mfa.passkey_copied").count() == 1
    assert Passkey.objects.get().sign_count == 5
    assert proves(anna, key.answer(ask(anna, now), count=6), now)


def test_the_warning_of_a_copy_names_nothing_that_others_chose(anna: User, now: dt.datetime, key: SoftKey) -> None:
    passkey = Passkey.objects.get()
    content = PASSKEY_COPIED.content(passkey.pk, now)
    assert content is not None
    assert content.context == {"name": anna.first_name, "site": "http://testserver"}
    passkey.delete()
    assert PASSKEY_COPIED.content(passkey.pk, now) is None


def test_a_counter_that_does_not_count_is_no_sign_of_a_copy(anna: User, now: dt.datetime, key: SoftKey) -> None:
    for _ in range(3):
        assert proves(anna, key.answer(ask(anna, now)), now)
    assert not entries("mfa.passkey.copied")


def test_a_wrong_signature_tells_nobody_of_a_copy(anna: User, now: dt.datetime) -> None:
    key = give(anna, now, SoftKey(count=5))
    assert not proves(anna, SoftKey(id=key.id).answer(ask(anna, now), count=1), now)
    assert not entries("mfa.passkey.copied")


@pytest.mark.parametrize(("before", "after"), [(0, BE), (BE, 0)])
def test_a_key_that_can_be_backed_up_now_and_could_not_is_another(
    anna: User, now: dt.datetime, before: int, after: int
) -> None:
    key = give(anna, now, SoftKey(flags=UP | before))
    assert not proves(anna, key.answer(ask(anna, now), flags=UP | after), now)
    assert the_entry("mfa.passkey.copied").details["reason"] == "backup_eligible"


def test_whether_a_key_is_backed_up_is_noted(anna: User, now: dt.datetime) -> None:
    key = give(anna, now, SoftKey(flags=UP | BE))
    assert proves(anna, key.answer(ask(anna, now), flags=UP | BE | BS), now)
    assert Passkey.objects.get().backed_up


def test_wrong_answers_are_counted_with_those_of_other_factors(anna: User, now: dt.datetime, key: SoftKey) -> None:
    for _ in range(FREE_TRIES):
        challenge = challenge_of(anna, now=now)
        with pytest.raises(challenges.WrongAnswer):
            go_on(challenge, key.answer(asked_in(challenge, now), rp_id="evil.example"), now)
    challenge = challenge_of(anna, now=now)
    with pytest.raises(Locked):
        go_on(challenge, key.answer(asked_in(challenge, now)), now)


def test_what_is_no_answer_is_not_counted(anna: User, now: dt.datetime, key: SoftKey) -> None:
    challenge = challenge_of(anna, now=now)
    for credential in ({}, {"id": "x"}, key.answer(asked_in(challenge, now)) | {"response": {}}):
        with pytest.raises(Invalid):
            go_on(challenge, credential, now)
    assert LoginAttempt.objects.get().tries == 0


def test_a_code_is_no_answer_of_a_passkey(anna: User, now: dt.datetime, key: SoftKey) -> None:
    challenge = challenge_of(anna, now=now)
    with pytest.raises(challenges.WrongAnswer):
        challenges.answer(challenge=challenge, given=Answer(method="webauthn", code="123456"), now=now, origin=ORIGIN)


def test_who_has_no_passkey_is_asked_for_none(anna: User, now: dt.datetime) -> None:
    make_totp(anna, now=now)
    with pytest.raises(Invalid) as refusal:
        asked_in(challenge_of(anna, now=now), now)
    assert (refusal.value.field, Ceremony.objects.count()) == ("method", 0)
    with pytest.raises(InvalidToken):
        asked_in("ghc_" + "x" * 43, now)


@pytest.mark.django_db(transaction=True)
def test_of_50_answers_at_once_one_is_taken(now: dt.datetime) -> None:
    anna = make_person(now=now)
    credential = give(anna, now).answer(ask(anna, now))
    outcomes = races.run(50, lambda: proves(anna, credential, now))
    assert sorted(map(str, outcomes)) == sorted([*["()"] * 49, str(("hwk", "user"))])


@pytest.mark.django_db(transaction=True)
def test_of_answers_with_one_count_at_once_one_is_taken(now: dt.datetime) -> None:
    anna = make_person(now=now)
    key = give(anna, now, SoftKey(count=1))
    credentials = []
    for _ in range(8):
        ceremony = Ceremony(purpose="proof", user=anna, challenge=SoftKey().id, created_at=now)
        ceremony.expires_at = now + dt.timedelta(minutes=5)
        ceremony.save(force_insert=True)
        asked = passkeys.ask(ceremony, allowed=[], must_verify=False)
        credentials.append(key.answer(asked, count=2))
    outcomes = races.run(8, lambda: proves(anna, credentials.pop(), now))
    assert sorted(map(bool, outcomes)) == [False] * 7 + [True]


def test_the_relying_party_is_what_the_settings_say(anna: User, now: dt.datetime, settings: Any) -> None:
    settings.MFA_RP_ID, settings.MFA_ORIGINS = "example.com", ["https://a.example.com", "https://b.example.com"]
    for origin in conf.origins():
        key = give(anna, now, SoftKey(origin=origin))
        assert proves(anna, key.answer(ask(anna, now)), now)
    assert not proves(anna, key.answer(ask(anna, now), client={"origin": "https://c.example.com"}), now)
