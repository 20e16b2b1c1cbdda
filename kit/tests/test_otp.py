"""One-time passwords: the vectors of RFC 4226 and RFC 6238, and what is no code."""

import datetime as dt

import pytest

from kit import otp

SEED = b"12345678901234567890"
KEYS = {name: (SEED * 4)[:length] for name, length in otp.KEY_BYTES.items()}
# RFC 4226, appendix D: counters 0 to 9.
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
# RFC 6238, appendix B: seconds, and the codes by SHA-1, SHA-256, SHA-512.
TOTP = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]
VECTORS = [(at, name, codes[index]) for at, *codes in TOTP for index, name in enumerate(otp.HASHES)]
NOW = dt.datetime.fromtimestamp(1111111111, dt.UTC)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_a_code_of_a_counter_is_that_of_rfc_4226(counter: int, code: str) -> None:
    assert otp.code_of(SEED, counter) == code


@pytest.mark.parametrize(("at", "algorithm", "code"), VECTORS)
def test_a_code_of_a_moment_is_that_of_rfc_6238(at: int, algorithm: str, code: str) -> None:
    now, key = dt.datetime.fromtimestamp(at, dt.UTC), KEYS[algorithm]
    assert otp.code_of(key, otp.step_at(now), digits=8, algorithm=algorithm) == code
    assert otp.find_step(key, code, now=now, drift=0, digits=8, algorithm=algorithm) == at // 30


@pytest.mark.parametrize(("drift", "off", "found"), [(0, 0, True), (0, 1, False), (1, -1, True), (1, 1, True)])
def test_a_code_is_found_within_the_drift(drift: int, off: int, found: bool) -> None:
    step = otp.step_at(NOW) + off
    assert (otp.find_step(SEED, otp.code_of(SEED, step), now=NOW, drift=drift) == step) is found


@pytest.mark.parametrize("off", [-2, 2])
def test_a_code_is_not_found_beyond_the_drift(off: int) -> None:
    assert otp.find_step(SEED, otp.code_of(SEED, otp.step_at(NOW) + off), now=NOW, drift=1) is None


def test_of_two_steps_with_one_code_the_later_is_found() -> None:
    early, late = 336, 2205
    code = otp.code_of(SEED, early)
    assert code == otp.code_of(SEED, late)
    now = dt.datetime.fromtimestamp(early * otp.PERIOD, dt.UTC)
    assert otp.find_step(SEED, code, now=now, drift=late - early) == late


def test_before_the_epoch_there_are_no_steps() -> None:
    now = dt.datetime.fromtimestamp(0, dt.UTC)
    assert otp.find_step(SEED, HOTP[1], now=now, drift=1) == 1


@pytest.mark.parametrize(
    "written",
    [
        *(" 050471", "050471 ", "050471\n", "050 471", "+50471", "-50471", "05047", "0050471", "0x0471", "05_471", ""),
        *("\uff10\uff15\uff10\uff14\uff17\uff11", "\u0660\u0665\u0660\u0664\u0667\u0661", "05047\u00b9", "05047\x00"),
    ],
)
def test_what_only_looks_like_the_code_is_none(written: str) -> None:
    assert otp.find_step(SEED, "050471", now=NOW, drift=1) is not None
    assert otp.find_step(SEED, written, now=NOW, drift=1) is None
