"""Setting up a passkey: every step of the ceremony is looked at, and what was not asked for is refused."""

import datetime as dt
import time
from typing import Any

import pytest
from webauthn.helpers import encode_cbor

from accounts.models import User
from accounts.testing import ORIGIN, make_person, sign_in
from audit.testing import entries, the_entry
from kit.errors import Conflict, Invalid
from mfa import factors, passkey_enrolment
from mfa.ceremonies import LIFETIME
from mfa.enrolment import Enrolled, Enrolling
from mfa.models import Passkey
from mfa.passkeys import Asked, begin_proof
from mfa.tests.soft_key import BE, BS, ED, EDDSA, ES256, RS1, RS256, UP, UV, SoftKey, bytes_of, give, text_of
from notifications.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(now: dt.datetime) -> User:
    return make_person(now=now, first_name="Anna", last_name="Kask")


def begin(user: User, now: dt.datetime) -> Asked:
    return passkey_enrolment.begin(who=Enrolling(user=user), now=now, origin=ORIGIN)


def finish(user: User, credential: dict[str, Any], now: dt.datetime, **more: Any) -> Enrolled:
    given = {"who": Enrolling(user=user), "name": "", **more}
    return passkey_enrolment.finish(credential=credential, now=now, origin=ORIGIN, **given)


def refused(user: User, credential: dict[str, Any], now: dt.datetime) -> str:
    with pytest.raises(Invalid) as refusal:
        finish(user, credential, now)
    assert refusal.value.field == "credential"
    assert not Passkey.objects.exists()
    return refusal.value.reason


def test_options_say_what_is_taken_here(anna: User, now: dt.datetime) -> None:
    options = begin(anna, now).options
    assert options["rp"] == {"id": "testserver", "name": "Gatehouse"}
    assert options["user"] == {"id": text_of(anna.pk.bytes), "name": anna.email, "displayName": "Anna Kask"}
    assert {kind["alg"] for kind in options["pubKeyCredParams"]} == {ES256, EDDSA, RS256}
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert (options["attestation"], options["excludeCredentials"]) == ("none", [])
    assert len(bytes_of(options["challenge"])) == 32


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_a_passkey_is_on_at_once(anna: User, now: dt.datetime, algorithm: int) -> None:
    key = SoftKey(algorithm=algorithm, flags=UP | UV | BE | BS, count=7)
    done = finish(anna, key.make(begin(anna, now)), now, name="Key")
    row = Passkey.objects.get()
    assert (row.pk, row.name, row.confirmed, row.user) == (done.factor.pk, "Key", True, anna)
    assert (row.credential_id, row.sign_count, row.transports) == (text_of(key.id), 7, ["usb"])
    assert (row.backup_eligible, row.backed_up, row.verifies_user, row.is_discoverable) == (True, True, True, True)
    assert factors.methods_of(anna) == ["webauthn", "recovery"]
    assert len(done.recovery_codes) == 10


def test_it_is_recorded_and_told_to_its_owner(anna: User, now: dt.datetime) -> None:
    give(anna, now)
    assert the_entry("mfa.factor.added").details["method"] == "webauthn"
    assert Message.objects.filter(kind="mfa.factor_added").count() == 1


def test_a_second_one_is_told_which_there_are_and_brings_no_codes(anna: User, now: dt.datetime) -> None:
    first = give(anna, now)
    asked = begin(anna, now)
    assert asked.options["excludeCredentials"] == [
        {"id": text_of(first.id), "type": "public-key", "transports": ["usb"]}
    ]
    assert finish(anna, SoftKey().make(asked), now).recovery_codes == []


def test_the_session_of_whoever_sets_one_up_has_proved_it(now: dt.datetime) -> None:
    signed_in = sign_in(now=now)
    who = Enrolling(user=signed_in.user, session=signed_in.session)
    finish(signed_in.user, SoftKey().make(begin(signed_in.user, now)), now, who=who)
    signed_in.session.refresh_from_db()
    assert signed_in.session.factor_at == now
    assert set(signed_in.session.amr) == {"pwd", "hwk", "user", "mfa"}


def test_a_challenge_takes_one_try(anna: User, now: dt.datetime) -> None:
    asked, key = begin(anna, now), SoftKey()
    assert refused(anna, key.make(asked, rp_id="evil.example"), now) == "wrong"
    assert refused(anna, key.make(asked), now) == "wrong"
    assert [entry.details["method"] for entry in entries("mfa.enrolment.refused")] == ["webauthn"] * 2


def test_a_challenge_ends_on_the_second(anna: User, now: dt.datetime) -> None:
    assert refused(anna, SoftKey().make(begin(anna, now)), now + LIFETIME) == "wrong"
    finish(anna, SoftKey().make(begin(anna, now)), now + LIFETIME - dt.timedelta(seconds=1))


def test_a_second_beginning_ends_the_first(anna: User, now: dt.datetime) -> None:
    first, second = begin(anna, now), begin(anna, now)
    assert refused(anna, SoftKey().make(first), now) == "wrong"
    finish(anna, SoftKey().make(second), now)


def test_a_challenge_of_another_person_or_purpose_enrols_nothing(anna: User, now: dt.datetime) -> None:
    assert refused(anna, SoftKey().make(begin(make_person(now=now), now)), now) == "wrong"
    key = give(anna, now)
    asked = begin_proof(user=anna, now=now)
    created = key.make({"publicKey": {**begin(anna, now).options, "challenge": asked.options["challenge"]}})
    with pytest.raises(Invalid):
        finish(anna, created, now)


@pytest.mark.parametrize(
    "changed",
    [
        {"flags": UV | 1 << 6},  # nobody was there
        {"flags": UP | BS | 1 << 6},  # backed up, and never can be
        {"rp_id": "evil.example"},
        {"client": {"origin": "https://evil.example"}},
        {"client": {"origin": "http://testserver"}},
        {"client": {"origin": "https://testserver:8443"}},
        {"client": {"type": "webauthn.get"}},
    ],
)
def test_a_step_of_the_ceremony_that_does_not_hold(anna: User, now: dt.datetime, changed: dict[str, Any]) -> None:
    assert refused(anna, SoftKey().make(begin(anna, now), **changed), now) == "wrong"


@pytest.mark.parametrize("client", [{"crossOrigin": True}, {"topOrigin": "https://evil.example"}, {"origin": None}])
def test_a_page_in_a_frame_makes_no_passkey(anna: User, now: dt.datetime, client: dict[str, Any]) -> None:
    assert refused(anna, SoftKey().make(begin(anna, now), client=client), now) == "invalid"


def test_where_users_must_be_verified_others_are_refused(anna: User, now: dt.datetime, settings: Any) -> None:
    give(make_person(now=now), now, SoftKey(flags=UP))
    Passkey.objects.all().delete()
    settings.MFA_PROFILE = "strict"
    asked = begin(anna, now)
    assert asked.options["authenticatorSelection"]["userVerification"] == "required"
    assert refused(anna, SoftKey(flags=UP).make(asked), now) == "wrong"


def cose(key: SoftKey, **changed: Any) -> bytes:
    numbers = {"kty": 1, "alg": 3, "crv": -1, "x": -2, "y": -3}
    return bytes(encode_cbor(key._cose() | {numbers[name]: value for name, value in changed.items()}))


@pytest.mark.parametrize(
    ("algorithm", "changed"),
    [
        (RS1, {}),
        (RS256, {"crv": b"\x01" * 128}),  # of 1,024 bits
        (RS256, {"crv": b"\x01" * 1024}),  # of 8,192
        (RS256, {"x": b"\x03"}),  # an exponent that is too small
        (RS256, {"alg": -37}),  # PS256
        (EDDSA, {"crv": 7}),  # Ed448
        (EDDSA, {"alg": ES256}),
        (EDDSA, {"x": b"\x01" * 31}),
        (ES256, {"alg": -35}),  # ES384
        (ES256, {"crv": 2}),  # P-384
        (ES256, {"y": b"\x01" * 32}),  # not on the curve
        (ES256, {"x": b""}),
        (ES256, {"kty": 7}),
        (ES256, {"kty": "EC"}),
    ],
)
def test_a_kind_of_key_that_was_not_offered(
    anna: User, now: dt.datetime, algorithm: int, changed: dict[str, Any]
) -> None:
    key = SoftKey(algorithm=algorithm)
    assert refused(anna, key.make(begin(anna, now), cose=cose(key, **changed)), now) == "invalid"


def attested(fmt: Any, statement: Any = None) -> bytes:
    data = bytes(32) + bytes([UP]) + bytes(4)
    return bytes(encode_cbor({"fmt": fmt, "attStmt": {} if statement is None else statement, "authData": data}))


GOOD = encode_cbor({"fmt": "none", "attStmt": {}, "authData": bytes(32) + bytes([UP]) + bytes(4)})


@pytest.mark.parametrize(
    "attestation",
    [
        b"\x00",
        b"\xff",
        encode_cbor([]),
        encode_cbor({}),
        encode_cbor({"fmt": "none"}),
        encode_cbor({"fmt": "none", "authData": "text", "attStmt": {}}),
        encode_cbor({"fmt": "none", "authData": bytes(36), "attStmt": {}}),
        GOOD,  # no key in it
        GOOD + b"\x00",
        GOOD[:-1],
        attested("tpm"),
        attested("packed", {"x5c": [b"x"], "sig": b"x", "alg": -7}),
        attested(5),
        attested("none", 5),
        b"\xbf" + GOOD[1:] + b"\xff",  # of open length
        b"\x81" * 12_000 + b"\x01",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xd8\x1c\x81\xd8\x1d\x00",  # a cycle
    ],
)
def test_malformed_cbor_is_refused_at_once(anna: User, now: dt.datetime, attestation: bytes) -> None:
    credential = SoftKey().make(begin(anna, now), attestation=attestation)
    begun = time.perf_counter()
    assert refused(anna, credential, now) == "invalid"
    assert time.perf_counter() - begun < 0.05


@pytest.mark.parametrize(
    "changed",
    [
        {"tail": b"\x00"},  # bytes that no flag speaks of
        {"flags": UP | 1 << 6 | ED},  # extensions that are not there
        {"flags": UP | 1 << 6 | ED, "tail": b"\xbf\xff"},
        {"flags": UP | 1 << 6 | ED, "tail": b"\x81\x81\x81\x81\x81\x01"},
        {"cose": b"\xbf\x01\x02\xff"},
        {"cose": b"\x04"},  # an old form of a point
        {"cose": b""},
    ],
)
def test_malformed_data_of_the_authenticator_is_refused(anna: User, now: dt.datetime, changed: dict[str, Any]) -> None:
    assert refused(anna, SoftKey().make(begin(anna, now), **changed), now) == "invalid"


def test_extensions_that_it_says_are_there_may_be(anna: User, now: dt.datetime) -> None:
    tail = encode_cbor({"credProtect": 2, "hmac-secret": True})
    finish(anna, SoftKey().make(begin(anna, now), flags=UP | 1 << 6 | ED, tail=tail), now)


def test_parts_that_are_missing_wrong_or_huge(anna: User, now: dt.datetime) -> None:
    good = SoftKey().make(begin(anna, now))
    response = good["response"]
    for wrong in (
        {},
        good | {"id": text_of(b"another")},
        good | {"id": good["id"] + "="},
        good | {"rawId": text_of(b"another")},
        good | {"type": "password"},
        good | {"response": None},
        good | {"response": response | {"clientDataJSON": text_of(b"[" * 10_000)}},
        good | {"response": response | {"clientDataJSON": text_of(b'"text"')}},
        good | {"response": response | {"clientDataJSON": text_of("{}".encode("utf-16"))}},
        good | {"response": response | {"attestationObject": "A" * 1_000_000}},
        good | {"response": {"clientDataJSON": response["clientDataJSON"]}},
    ):
        assert refused(anna, wrong, now) == "invalid"
    finish(anna, good, now)  # nothing of this was looked at closely enough to use the challenge up


def test_another_id_than_the_key_itself_says_is_refused(anna: User, now: dt.datetime) -> None:
    credential = SoftKey().make(begin(anna, now))
    other = text_of(b"x" * 32)
    assert refused(anna, credential | {"id": other, "rawId": other}, now) == "invalid"


def test_an_id_that_is_too_long_is_refused(anna: User, now: dt.datetime) -> None:
    assert refused(anna, SoftKey(id=b"x" * 1024).make(begin(anna, now)), now) == "invalid"
    finish(anna, SoftKey(id=b"x" * 1023).make(begin(anna, now)), now)


def test_one_passkey_is_of_one_person(anna: User, now: dt.datetime) -> None:
    key = give(make_person(now=now), now)
    with pytest.raises(Conflict):
        finish(anna, key.make(begin(anna, now)), now)
    assert Passkey.objects.count() == 1
    assert not factors.has_any(anna)


def test_a_person_has_only_so_many(anna: User, now: dt.datetime, settings: Any) -> None:
    settings.MFA_PASSKEYS_AT_MOST = 1
    asked = begin(anna, now)
    give(make_person(now=now), now)
    give_first = SoftKey().make(asked)
    finish(anna, give_first, now)
    with pytest.raises(Conflict):
        begin(anna, now)
