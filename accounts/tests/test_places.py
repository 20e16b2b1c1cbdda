"""Where a network address is, by a real database of the operator's."""

from pathlib import Path
from typing import Any

import pytest

from accounts import places
from accounts.tests import mmdb

PLACES = {
    "203.0.113.0/24": mmdb.city("Berlin", "Germany"),
    "2001:db8::/32": {"country": {"names": {"en": "Malta", "de": "Malta"}}},
    "198.51.100.0/24": {"city": {"names": {"en": "Hidden\nname"}}, "country": "not as it should be"},
    "192.0.2.0/24": mmdb.city("x" * 90, "y" * 90),
}


@pytest.fixture
def database(tmp_path: Path, settings: Any) -> Path:
    settings.GEOIP_PATH = str(mmdb.write(tmp_path / "cities.mmdb", PLACES))
    return Path(settings.GEOIP_PATH)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "Berlin, Germany"),
        ("2001:db8::1", "Malta"),
        ("198.51.100.7", ""),
        ("10.0.0.1", ""),
        ("", ""),
        ("no address", ""),
    ],
)
def test_an_address_is_told_by_its_city_and_country(address: str, place: str, database: Path) -> None:
    assert places.find(address) == place


def test_a_place_fits_its_column(database: Path) -> None:
    assert len(places.find("192.0.2.1")) == places.MAX_LENGTH


def test_without_a_database_no_place_is_told(settings: Any) -> None:
    assert places.find("203.0.113.7") == ""
    settings.GEOIP_PATH = "/nowhere/cities.mmdb"
    assert places.find("203.0.113.7") == ""


def test_the_database_is_opened_once(database: Path) -> None:
    assert [places.find("203.0.113.7") for _ in range(2)] == ["Berlin, Germany"] * 2


def test_a_newer_file_in_its_place_is_noticed(database: Path) -> None:
    assert places.find("203.0.113.7") == "Berlin, Germany"
    newer = mmdb.write(database.with_suffix(".new"), {"203.0.113.0/24": mmdb.city("Bonn", "Germany")})
    newer.replace(database)
    assert places.find("203.0.113.7") == "Bonn, Germany"


@pytest.mark.parametrize("content", [b"", b"no database", b"\x00" * 1000 + mmdb.MARKER + b"\xe0"])
def test_a_file_that_is_no_database_tells_no_place(content: bytes, tmp_path: Path, settings: Any) -> None:
    settings.GEOIP_PATH = str(tmp_path / "broken.mmdb")
    Path(settings.GEOIP_PATH).write_bytes(content)
    assert places.find("203.0.113.7") == ""
    assert "no MaxMind database" in places.problem(settings.GEOIP_PATH)


def test_a_file_that_is_cut_short_breaks_no_sign_in(database: Path) -> None:
    whole = database.read_bytes()
    middle = whole.index(mmdb.SEPARATOR) + len(mmdb.SEPARATOR)
    database.write_bytes(whole[:middle] + b"\xff" * 64 + whole[whole.rindex(mmdb.MARKER) :])
    assert places.find("203.0.113.7") == ""


def test_a_sound_file_has_no_problem_and_a_missing_one_has(database: Path) -> None:
    assert places.problem(str(database)) == ""
    assert "cannot be read" in places.problem(str(database.with_name("missing.mmdb")))
