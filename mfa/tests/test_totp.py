"""Authenticator applications: what one is given, and each code good once, ever."""

import base64
import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from django.db import connection

from accounts.testing import make_person
from kit import otp
from mfa import totp
from mfa.models import Totp
from mfa.testing import code_of, make_totp
from vault.testing import OTHER_KEY, root_keys

pytestmark = pytest.mark.django_db

STEP = dt.timedelta(seconds=otp.PERIOD)


def is_right(device: Totp, code: str, now: dt.datetime) -> bool:
    return totp.is_right(user=device.user, code=code, now=now)


def test_a_code_is_right_once_ever(now: dt.datetime) -> None:
    device = make_totp(make_person())
    code = code_of(device, now)
    assert [is_right(device, code, now + later) for later in (STEP * 0, STEP * 0, STEP, STEP * -1)] == [
        True,
        *[False] * 3,
    ]
    assert Totp.objects.get().last_used_at == now


def test_no_code_of_an_earlier_step_is_right_after_a_later_one(now: dt.datetime) -> None:
    device = make_totp(make_person())
    earlier, later = code_of(device, now, steps=-1), code_of(device, now)
    assert is_right(device, later, now)
    assert not is_right(device, earlier, now)
    assert is_right(device, code_of(device, now, steps=1), now)


def test_application_whose_key_does_not_open_keeps_no_other_from_being_asked(
    now: dt.datetime, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        lost = make_totp(make_person())
        code = code_of(lost, now)
    assert not is_right(lost, code, now)
    assert str(lost.pk) in caplog.text
    other = make_totp(lost.user)
    assert is_right(lost, code_of(other, now), now)
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        assert is_right(lost, code, now)


@pytest.mark.parametrize(("drift", "taken"), [(0, [0]), (1, [-1, 0, 1]), (2, [-2, -1, 0, 1, 2])])
def test_how_far_a_clock_may_be_off_is_a_setting(now: dt.datetime, settings: Any, drift: int, taken: list[int]) -> None:
    settings.MFA_TOTP_DRIFT = drift
    device = make_totp(make_person())
    steps = range(-3, 4)
    assert [off for off in steps if is_right(device, code_of(device, now, steps=off), now)] == taken


def test_a_strict_house_takes_the_code_of_this_step_alone(now: dt.datetime, settings: Any) -> None:
    settings.MFA_PROFILE, settings.MFA_TOTP_DRIFT = "strict", 2
    device = make_totp(make_person())
    assert not is_right(device, code_of(device, now, steps=1), now)
    assert is_right(device, code_of(device, now), now)


@pytest.mark.parametrize("algorithm", otp.HASHES)
@pytest.mark.parametrize("digits", totp.DIGITS)
def test_every_algorithm_and_length_signs_in(now: dt.datetime, algorithm: str, digits: int) -> None:
    device = make_totp(make_person(), algorithm=algorithm, digits=digits)
    code = code_of(device, now)
    assert len(code) == digits
    assert is_right(device, code, now)


def test_each_application_of_a_person_has_steps_of_its_own(now: dt.datetime) -> None:
    user = make_person()
    devices = [make_totp(user, name=name) for name in ("telephone", "tablet")]
    assert [is_right(device, code_of(device, now), now) for device in devices] == [True, True]
    assert [is_right(device, code_of(device, now), now) for device in devices] == [False, False]


def test_the_code_of_another_person_is_wrong(now: dt.datetime) -> None:
    hers, his = make_totp(make_person()), make_totp(make_person())
    assert not totp.is_right(user=hers.user, code=code_of(his, now), now=now)
    assert is_right(his, code_of(his, now), now)


def test_an_unconfirmed_application_is_not_taken(now: dt.datetime) -> None:
    device = make_totp(make_person())
    Totp.objects.update(confirmed=False)
    assert not is_right(device, code_of(device, now), now)


@pytest.mark.parametrize("form", [" {}", "{} ", "{}\n", "+{}", "{}\x00"])
def test_what_only_looks_like_the_code_uses_nothing_up(now: dt.datetime, form: str) -> None:
    device = make_totp(make_person())
    code = code_of(device, now)
    assert not is_right(device, form.format(code), now)
    assert is_right(device, code, now)


@pytest.mark.parametrize(("algorithm", "length"), otp.KEY_BYTES.items())
def test_a_secret_is_random_and_as_long_as_its_hash(now: dt.datetime, algorithm: str, length: int) -> None:
    user = make_person()
    drafts = [totp.draft(user=user, name="", algorithm=algorithm, digits=6, now=now) for _ in range(20)]
    keys = {base64.b32decode(device.key + "=" * (-len(device.key) % 8)) for device in drafts}
    assert ({len(key) for key in keys}, len(keys)) == ({length}, 20)


def test_the_uri_is_what_applications_read(now: dt.datetime, settings: Any) -> None:
    settings.MFA_ISSUER = "Haus: Tür & Tor"
    device = totp.draft(user=make_person(), name="", algorithm="SHA256", digits=8, now=now)
    parts = urlsplit(totp.uri_of(device, account="anna+1@example.com"))
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == (
        "otpauth",
        "totp",
        "/Haus  Tür & Tor:anna+1@example.com",
    )
    assert dict(parse_qsl(parts.query, strict_parsing=True)) == {
        "secret": device.key,
        "issuer": "Haus  Tür & Tor",
        "algorithm": "SHA256",
        "digits": "8",
        "period": "30",
    }
    assert not set("+= ") & set(parts.query.replace("=", "", 5))


def test_the_qr_code_is_an_svg_element_without_styles_or_scripts(now: dt.datetime) -> None:
    device = totp.draft(user=make_person(), name="", algorithm="SHA512", digits=8, now=now)
    svg = ET.fromstring(totp.qr_of(totp.uri_of(device, account="anna@example.com")))  # noqa: S314 - our own
    assert {part.tag.split("}")[1] for part in svg.iter()} == {"svg", "g", "path"}
    assert {name for part in svg.iter() for name in part.attrib} == {
        "width",
        "height",
        "viewBox",
        "transform",
        "fill",
        "stroke",
        "d",
    }


def test_the_secret_rests_sealed(now: dt.datetime) -> None:
    device = make_totp(make_person())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mfa_totp")
        row = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in cursor.fetchone()
        )
    assert device.key.encode() not in row
    assert base64.b32decode(device.key) not in row
    assert Totp.objects.get().key == device.key
