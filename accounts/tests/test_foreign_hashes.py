"""Hashes of other systems: read, checked, bounded, wrapped. The vectors were made by passlib, Django and Werkzeug."""

import hashlib
import json
from typing import Any

import bcrypt
import pytest
from argon2.low_level import Type, hash_secret_raw

from accounts.foreign_hashes import crypts, forms, recipes, stored

pytestmark = pytest.mark.usefixtures("production_hashes")

TYPED = "Grüße, Anna 7!"
ROOM = 128
SHA512 = "iHj3bLfNI6DITSxsHRE.yL1LPKDJ7NkDg.AGLIzQ0zg6jG5X1gaWoqAZp/UOFQnwjgvonuhGHbynwrliBasJy1"
WERKZEUG = (
    "321f114fb46ade847b19dee5eaa30213307a6fb37ffa4a65b301a427f9c76274"
    "662650b1d7af00db2b9ed8c4d5979a12ff39434bafc69cbcc760abbb33fcdd91"
)
VECTORS = [
    "argon2$argon2id$v=19$m=64,t=1,p=2$VWhFZkJjMUV5ajRWM3NhUE9EWjc3Qg$Xp5Q3FLQl1Vc6XhuP7ul/LuLVFFfWk+pxt0Ux/0RP8I",
    "$argon2id$v=19$m=64,t=1,p=2$Rehd6/0/R8gZYyxFCOFcCw$CtzkBQ1qYlnAVLL8x3WtfXY/146QXL3mO68nCskqeS4",
    "$2a$04$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
    "$2b$04$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
    "$2y$04$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
    "{bcrypt}$2a$04$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
    "bcrypt$$2b$04$eGNIcpTHeEkqQ/N2Mjge9eHDNDDVfHiUig17Brz6sYkDvKNFPdms2",
    "bcrypt_sha256$$2b$04$p0m1yTn/yxVys0N5agT7xOFSu8eKhHnE0CE/U2DXiE9chzQkTkhJe",
    "$bcrypt-sha256$v=2,t=2b,r=4$Ons6pEvLi.Dc3f25/GgIE.$JNlsT/l7HBZoOAHqwQsw7x/rbDW0yv6",
    (
        "scrypt$1024$iVGYrFrl412ZDLWOSUl7gh$8$5$"
        "HflL+gFLf8qeH2yJK/JiE0MQl/W5c3LcuVTzaYrQk2bY1rPkv0fM2vHTvDMHzVI2TmkjFs3Ai7tHqZ3Zt+78ww=="
    ),
    "$scrypt$ln=10,r=8,p=1$Z6z1nlOqdS4lxHhPKeUcAw$0GliBFvwiMYPHtOc4rKqLWZt+FCOzp4MwQXjB3/FX8s",
    f"scrypt:1024:8:1$ZATOxf2KU2R1zydP${WERKZEUG}",
    "pbkdf2_sha256$1000$v20fa6bJ99eJdqTuONXsTb$92ofluoEajB6Ve729SJBkma1rYVrTrRgEzrSA3v2AcE=",
    "pbkdf2_sha1$1000$Zn0uyLU6dIkpAixovYtRli$805JMS4ByIadxVDNajt2I3CYMjk=",
    "$pbkdf2$1000$WUtJiTFmDGEMIaQU4jwHgA$qH.CxuPAlSe3tlLd4Xu13PDJZDA",
    "$pbkdf2-sha256$1000$qDXGGOPc23uPsRZizLnXug$YM1f210mVjrPbyxLTBDz1HJjhsUcfc4MZW9CqAvP.Fw",
    (
        "$pbkdf2-sha512$1000$vteacy6l9B4j5BzDmFPKmQ$"
        "VbdW88BhxADrtcxEKydqpr48ri2iQSnvwzGEwIUSY5OEqEDYDU.1IgF7qtBQBU8ctqOnKMr9yPSvdMnP6jmsPQ"
    ),
    "{PBKDF2-SHA256}1000$xNi7N.a8NwaAUKoVImRMiQ$JNUyAELgMu2Hy5et.7YV5RwU2wbCPXqrXlatq3mbg.Q",
    "pbkdf2:sha256:1000$jpuQDp8iegXBd8tq$25011745c7d41f93f10387f9358a76442cce1d4d8d17e6c3633d2e29fe1843c2",
    "md5$4XtMOQk3BqzakBH8MHlpHY$e1221c194238810503a9c77ede4bab37",
    "sha1$9JibJY7byFdD$87123bd0734b01489edfa9ae98ac2c8e7d8ee6fd",
    "{SSHA}t+/KvN/uEZB+47yBg6hjKueOVQMjZGyt",
    "{SSHA256}vEwlm2VzklrX0wRSAQK+AhFnzAHmHTlfLYwvzHC5LP0OofReK0WI0Q==",
    "{SSHA512}iisQoDN1y6DURFQ8Y+6l2g8Z4MGD6bqcIpHibYKo1pc7/Ly+84q+6rzxqDKpXAaxIr4g6JCYiCTNX1H7WBY30er9H4NwLmVM",
    "{SMD5}iBowKbZ7rpVlkY36BfB3ekCoFSI=",
    "{SHA}og+rtoWc56+X6kaiuKYVq7hiyLQ=",
    "{MD5}+f6pswixmoz/TSwzi20B8Q==",
    f"{{CRYPT}}$6$rounds=1000$yvs6ZrOXiWcqgW2Z${SHA512}",
    "$6$uFxA.9Clg1rjNBHD$NOl01lMxvYKiAFXsr5/iFypFEKbGVpl7fCNjNec5JeJm2Anbx9G6p1nZVpUvs.q/71qDGoYpGJLvFV3JIwpbv0",
    "$5$HmuBXdd6CIdS35B6$WxNEo2jFFMUAYPxCTTNPa6yTSwyEsbZxKExpjyY8fZ0",
    "$5$rounds=1234$2FdbglssDOjBBb.K$5wYdBjxdu92CT5tqiuBBJWJHqlgOdF4DUwYqJwFOOD0",
    "$1$60IDF3Rh$rw1SndvPjB0bNCu8iFLn40",
    "$apr1$o6Ifm6Bb$x6zOtXOnugcr30BWPiABz0",
    "$P$6oXlqj64g6K1NHy4eNQN/5JIMqHKY3.",
]


def taken(written: Any, *, longest: int = ROOM) -> stored.Stored:
    found = stored.find(stored.take_over(written, longest=longest))
    assert found is not None
    return found


def why(written: Any, *, longest: int = ROOM) -> str:
    with pytest.raises(stored.HashRefused) as refused:
        stored.take_over(written, longest=longest)
    return refused.value.reason


@pytest.mark.parametrize("written", VECTORS)
def test_each_form_fits_its_password_and_no_other(written: str) -> None:
    hash_ = taken(written)
    assert hash_.fits(TYPED)
    assert not hash_.fits(TYPED + "x")
    assert str(taken(str(hash_))) == str(hash_)


@pytest.mark.parametrize("written", VECTORS)
def test_each_form_can_be_wrapped_in_ours(written: str) -> None:
    text = str(taken(written).wrapped())
    assert len(text) <= ROOM
    wrapped = taken(text)
    assert (wrapped.fits(TYPED), wrapped.fits("another"), wrapped.is_weak) == (True, False, False)
    assert text.startswith("wrapped$19456,2,1$")


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        (
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
            "Hello world!",
        ),
        ("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
        ("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"),
        ("$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", "hashcat"),
        ("$apr1$71850310$gh9m4xcAn3MGxogwX/ztb.", "hashcat"),
        ("sha256$salt$13601bda4ea78e55a07b98866d2be6be0744e3866f13c00c811cab608a28f322", "password"),
        ("sha256_after$salt$7a37b85c8918eac19a9089c0fa5a2ab4dce3f90528dcdeec108b23ddf3607b99", "password"),
        ("sha1$$aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", "hello"),
    ],
)
def test_the_published_examples_hold(written: str, typed: str) -> None:
    assert taken(written).fits(typed)


def test_aspnet_identity_in_both_versions() -> None:
    pbkdf2 = recipes.SCHEMES["pbkdf2_sha512"].derive(TYPED.encode(), b"s" * 16, (1000, 32))
    header = b"\x01" + (2).to_bytes(4, "big") + (1000).to_bytes(4, "big") + (16).to_bytes(4, "big")
    assert taken(recipes.encoded(header + b"s" * 16 + pbkdf2) + "==").fits(TYPED)
    older = recipes.SCHEMES["pbkdf2_sha1"].derive(TYPED.encode(), b"s" * 16, (1000, 32))
    assert taken(recipes.encoded(b"\0" + b"s" * 16 + older)).fits(TYPED)
    assert why(recipes.encoded(b"\x03" + header[1:] + b"s" * 48)) == "malformed_hash"


def keycloak(algorithm: str, iterations: int, digest: bytes, **more: Any) -> dict[str, Any]:
    data = {"algorithm": algorithm, "hashIterations": iterations, "additionalParameters": more}
    secret = {"salt": recipes.encoded(b"s" * 16) + "==", "value": recipes.encoded(digest) + "="}
    return {"credentialData": json.dumps(data), "secretData": json.dumps(secret)}


@pytest.mark.parametrize(("algorithm", "prf"), [("pbkdf2-sha512", "sha512"), ("pbkdf2", "sha1")])
def test_keycloaks_export_of_pbkdf2(algorithm: str, prf: str) -> None:
    long = hashlib.pbkdf2_hmac(prf, TYPED.encode(), b"s" * 16, 1000, 64)
    hash_ = taken(keycloak(algorithm, 1000, long))
    assert hash_.fits(TYPED)
    assert hash_.recipe.scheme == f"pbkdf2_{prf}"


def test_keycloaks_export_of_argon2() -> None:
    digest = recipes.SCHEMES["argon2id"].derive(TYPED.encode(), b"s" * 16, (19, 64, 1, 1, 32))
    more = {"memory": ["64"], "parallelism": ["1"], "type": ["id"], "version": ["1.3"]}
    assert taken(keycloak("argon2", 1, digest, **more)).fits(TYPED)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({}, "malformed_hash"),
        ({"credentialData": "no JSON", "secretData": "{}"}, "malformed_hash"),
        (keycloak("argon2", 1, b"d" * 32), "malformed_hash"),
        (keycloak("rot13", 1, b"d" * 32), "unknown_hash"),
        (keycloak("pbkdf2-sha256", 10**9, b"d" * 32), "costly_hash"),
    ],
)
def test_a_credential_of_keycloak_that_is_no_good_is_refused(broken: dict[str, Any], reason: str) -> None:
    assert why(broken) == reason


@pytest.mark.parametrize(
    "written",
    [
        "$2b$31$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
        "$2b$15$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
        f"scrypt${2**30}$salt$8$1$" + "A" * 43,
        f"scrypt:{2**17}:8:3$salt$" + "0" * 64,
        "$scrypt$ln=63,r=8,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "pbkdf2_sha256$1000000000$salt$" + "A" * 43,
        "pbkdf2_sha1$99999999999999999999$salt$" + "A" * 43,
        "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=9,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=65536,t=1,p=17$c2FsdHNhbHQ$" + "A" * 43,
        "$scrypt$ln=1,r=524288,p=1$c2FsdHNhbHQ$" + "A" * 43,
        f"$6$rounds=999999999$salt${SHA512}",
        "$P$U" + "a" * 30,
        "$S$z" + "a" * 51,
    ],
)
def test_a_hash_that_takes_too_long_to_check_is_refused_and_fits_nothing(written: str) -> None:
    assert why(written) == "costly_hash"
    assert stored.find(written) is None


@pytest.mark.parametrize(
    "written",
    [
        "$2b$03$dgD/eEYrwpsFHPIW1DII1udrcQqZy37w8g97lGEhQVKWw71BXJsyC",
        "$argon2id$v=7$m=64,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=8,t=1,p=2$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$A",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + "A" * 43,
        "$scrypt$ln=16,r=1,p=1$c2FsdHNhbHQ$" + "A" * 43,
        "foreign$bcrypt$4$.tooshort$" + "A" * 42,
        "pbkdf2_sha256$0$salt$" + "A" * 43,
        "pbkdf2_sha256$1000$salt$" + "A" * 12,
        "scrypt$1000$salt$8$1$" + "A" * 43,
        "scrypt$1024$salt$0$1$" + "A" * 43,
        "sha256$salt$abcdef",
        "{SSHA256}AAAA",
        f"$6$rounds=10$salt${SHA512}",
        f"$6$salt${SHA512[:-1]}",
        f"$6$salt${SHA512}.",
        "$5$salt$" + "z" * 43,
        f"sha256${'s' * 300}${'0' * 64}",
        "x" * 2000,
        "foreign$rot13$1$.salt$AAAA",
        "foreign$md5$1,2$.salt$AAAA",
        "foreign$md5$1$A$AAAA",
        "foreign$md5$1$.\ud800$AAAA",
        f"foreign$md5${'9' * 900}${'9' * 100}$A",
    ],
)
def test_a_malformed_hash_is_refused_and_fits_nothing(written: str) -> None:
    assert why(written, longest=5000) == "malformed_hash"
    assert stored.find(written) is None


@pytest.mark.parametrize(
    "written", ["", "secret", "5f4dcc3b5aa765d61d8327deb882cf99", "{noop}secret", "$2x$04$" + "a" * 53, "!unusable"]
)
def test_what_is_no_known_hash_is_refused_and_fits_nothing(written: str) -> None:
    assert why(written) == "unknown_hash"
    assert stored.find(written) is None


def test_a_hash_whose_salt_leaves_no_room_is_refused() -> None:
    written = f"sha512${'s' * 100}${'0' * 128}"
    assert why(written) == "long_hash"
    assert stored.take_over(written, longest=255)


def test_bcrypt_reads_72_bytes_and_no_nul() -> None:
    made = bcrypt.hashpw(b"x" * 72, b"$2b$04$abcdefghijklmnopqrstuu").decode()
    hash_ = taken(made)
    assert hash_.fits("x" * 72)
    assert hash_.fits("x" * 80)
    assert not hash_.fits("x" * 71)
    assert not hash_.fits("x" * 72 + "\0")
    assert not taken(str(hash_.wrapped())).fits("x" * 72 + "\0")


def test_bcrypt_takes_a_salt_whose_bits_that_do_not_count_are_set() -> None:
    made = bcrypt.hashpw(TYPED.encode(), b"$2b$04$" + b"a" * 21 + b"u").decode()
    known = stored.forms_of(made.replace("a" * 21 + "u", "a" * 21 + "z"))
    assert known.fits(TYPED)
    assert not known.fits("another")


def test_a_long_password_does_not_multiply_the_rounds_of_crypt() -> None:
    hash_ = taken("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5")
    assert hash_.recipe.derive("x" * recipes.CRYPT_READS) is not None
    assert hash_.recipe.derive("x" * (recipes.CRYPT_READS + 1)) is None


def test_an_argon2id_with_a_long_digest_keeps_its_length() -> None:
    digest = hash_secret_raw(TYPED.encode(), b"s" * 16, 1, 64, 1, 64, Type.ID)
    hash_ = taken(f"$argon2id$v=19$m=64,t=1,p=1${recipes.encoded(b's' * 16)}${recipes.encoded(digest)}")
    assert str(hash_).startswith("foreign$argon2id$19,64,1,1,64$")
    assert hash_.fits(TYPED)


@pytest.mark.parametrize(
    ("recipe", "weak"),
    [
        (("bcrypt", (9,)), True),
        (("bcrypt", (10,)), False),
        (("pbkdf2_sha256", (599_999, 32)), True),
        (("pbkdf2_sha256", (600_000, 32)), False),
        (("scrypt", (14, 8, 5, 32)), False),
        (("scrypt", (14, 8, 1, 32)), True),
        (("scrypt", (10, 8, 99, 32)), True),
        (("argon2id", (19, 19_456, 2, 1, 32)), False),
        (("argon2id", (19, 19_456, 1, 1, 32)), True),
        (("argon2i", (19, 65_536, 3, 1, 32)), True),
        (("sha512_crypt", (5000,)), True),
    ],
)
def test_weak_is_what_is_cheaper_to_break_than_owasp_asks(recipe: tuple[str, tuple[int, ...]], *, weak: bool) -> None:
    assert recipes.Recipe(*recipe, b"s" * 22).is_weak is weak


def test_no_form_shadows_another() -> None:
    for written in VECTORS:
        assert sum(bool(form.fullmatch(written)) for form, _ in forms._FORMS) == 1


def test_the_crypt_rounds_end_within_the_pattern() -> None:
    assert crypts.sha_crypt("sha256", b"typed", b"salt", 1001) != crypts.sha_crypt("sha256", b"typed", b"salt", 1002)
