"""How other systems write a hash down: each written form, and what of it is taken over.

What is told apart by nothing but its length (a bare hexadecimal digest) is not guessed at.
"""

import hashlib
import json
import re
import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from accounts.foreign_hashes import crypts
from accounts.foreign_hashes.recipes import DIGESTS, KEPT, Malformed, Recipe, decoded

Parts = tuple[Recipe, bytes]
_Reader = Callable[[re.Match[str]], Parts]

_B64 = r"[A-Za-z0-9+/]+={0,2}"
_BLOCKS: Final = {"sha1": 20, "sha256": 32, "sha512": 64}
_PRFS = ("sha1", "sha256", "sha512")
_ASPNET_V2 = 49  # bytes: a zero, a salt of 16, a key of 32
_ASPNET_ITERATIONS_V2 = 1000
_ARGON2_KEYS = ("memory", "parallelism")
_LDAP_NAMES = {"sha": "sha1", "ssha": "sha1", "smd5": "md5"}
_SIZES: Final = {name: hashlib.new(name, usedforsecurity=False).digest_size for name in DIGESTS}


def read(written: str) -> Parts:
    """Return the recipe and the kept digest of a hash in any form that is known.

    Raises `Malformed`, `Unaffordable`, or LookupError for a form that nobody here knows.
    """
    for form, reader in _FORMS:
        if match := form.fullmatch(written):
            try:
                return reader(match)
            except (ValueError, OverflowError, struct.error) as error:
                raise Malformed from error
    raise LookupError(written)


def read_keycloak(credential: Mapping[str, Any]) -> Parts:
    """Return recipe and digest of a credential as Keycloak exports it. Raises as `read` does."""
    try:
        data, secret = (_object(credential[name]) for name in ("credentialData", "secretData"))
        name, iterations = str(data["algorithm"]), int(data["hashIterations"])
        salt, digest = decoded(secret["salt"]), decoded(secret["value"])
        if name.startswith("argon2"):
            more = {
                key: int(_first(value)) for key, value in data["additionalParameters"].items() if key in _ARGON2_KEYS
            }
            costs = (19, more["memory"], iterations, more["parallelism"], len(digest))
            return Recipe("argon2id", costs, salt), digest[:KEPT]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed from error
    if name == "pbkdf2":
        name = "pbkdf2-sha1"
    prf = name.removeprefix("pbkdf2-")
    if prf not in _BLOCKS:
        raise LookupError(name)
    return _pbkdf2(prf, iterations, salt, digest)


def _object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _pbkdf2(prf: str, iterations: int, salt: bytes, digest: bytes) -> Parts:
    """Keep the first block: the others cost as much again and prove nothing more."""
    kept = digest[: min(_BLOCKS[prf], KEPT)]
    return Recipe(f"pbkdf2_{prf}", (iterations, len(kept)), salt), kept


def _scrypt(log2_n: int, block: int, lanes: int, salt: bytes, digest: bytes) -> Parts:
    kept = digest[:KEPT]
    return Recipe("scrypt", (log2_n, block, lanes, len(kept)), salt), kept


def _bcrypt(scheme: str, match: re.Match[str]) -> Parts:
    return Recipe(scheme, (int(match["cost"]),), match["salt"].encode()), match["check"].encode()


def _argon2(match: re.Match[str]) -> Parts:
    digest = decoded(match["check"])
    costs = (int(match["v"] or 16), int(match["m"]), int(match["t"]), int(match["p"]), len(digest))
    return Recipe(match["type"], costs, decoded(match["salt"])), digest[:KEPT]


def _django_pbkdf2(match: re.Match[str]) -> Parts:
    return _pbkdf2(match["prf"], int(match["n"]), match["salt"].encode(), decoded(match["check"]))


def _django_scrypt(match: re.Match[str]) -> Parts:
    costs = _log2(match["n"]), int(match["r"]), int(match["p"])
    return _scrypt(*costs, match["salt"].encode(), decoded(match["check"]))


def _passlib_pbkdf2(match: re.Match[str]) -> Parts:
    prf = (match["prf"] or "sha1").lower().lstrip("-")
    return _pbkdf2(prf, int(match["n"]), _adapted(match["salt"]), _adapted(match["check"]))


def _passlib_scrypt(match: re.Match[str]) -> Parts:
    costs = int(match["ln"]), int(match["r"]), int(match["p"])
    return _scrypt(*costs, decoded(match["salt"]), decoded(match["check"]))


def _werkzeug_pbkdf2(match: re.Match[str]) -> Parts:
    return _pbkdf2(match["prf"], int(match["n"]), match["salt"].encode(), bytes.fromhex(match["check"]))


def _werkzeug_scrypt(match: re.Match[str]) -> Parts:
    costs = _log2(match["n"]), int(match["r"]), int(match["p"])
    return _scrypt(*costs, match["salt"].encode(), bytes.fromhex(match["check"]))


def _aspnet(match: re.Match[str]) -> Parts:
    blob = decoded(match[0])
    if blob[:1] == b"\0" and len(blob) == _ASPNET_V2:
        return _pbkdf2("sha1", _ASPNET_ITERATIONS_V2, blob[1:17], blob[17:])
    version, prf, iterations, length = struct.unpack_from(">BIII", blob)
    if version != 1 or prf >= len(_PRFS):
        raise Malformed
    salt, digest = blob[13 : 13 + length], blob[13 + length :]
    return _pbkdf2(_PRFS[prf], iterations, salt, digest)


def _salted(match: re.Match[str]) -> Parts:
    name = match["name"]
    digest = bytes.fromhex(match["check"])
    return _digest(name, digest, match["salt"].encode(), after=bool(match["after"]))


def _ldap(match: re.Match[str]) -> Parts:
    name = match["name"].lower().replace("-", "")
    name = _LDAP_NAMES.get(name) or name.removeprefix("s" if name.startswith("ss") else "")
    blob = decoded(match["check"])
    return _digest(name, blob[: _SIZES[name]], blob[_SIZES[name] :], after=True)


def _digest(name: str, digest: bytes, salt: bytes, *, after: bool) -> Parts:
    if len(digest) != _SIZES[name]:
        raise Malformed
    return Recipe(name, (int(after),), salt), digest[:KEPT]


def _sha_crypt(match: re.Match[str]) -> Parts:
    name = {"5": "sha256", "6": "sha512"}[match["id"]]
    recipe = Recipe(f"{name}_crypt", (int(match["n"] or 5000),), match["salt"].encode())
    return recipe, crypts.decoded(name, match["check"])[:KEPT]


def _md5_crypt(match: re.Match[str]) -> Parts:
    scheme = "apr1" if match["id"] == "apr1" else "md5_crypt"
    return Recipe(scheme, (), match["salt"].encode()), crypts.decoded("md5", match["check"])


def _phpass(scheme: str, match: re.Match[str]) -> Parts:
    rounds = crypts.ALPHABET.index(match["log2"])
    return Recipe(scheme, (rounds,), match["salt"].encode()), crypts.little_endian(match["check"])


def _inner(match: re.Match[str]) -> Parts:
    return read(match["inner"])


def _log2(number: str) -> int:
    value = int(number)
    if value < 2 or value & (value - 1):  # noqa: PLR2004 - N is a power of two
        raise Malformed
    return value.bit_length() - 1


def _adapted(text: str) -> bytes:
    """Return the bytes of passlib's Base64, which writes a dot for the plus."""
    return decoded(text.replace(".", "+"))


_BCRYPT = r"\$2[aby]\$(?P<cost>[0-9]{2})\$(?P<salt>[./A-Za-z0-9]{22})(?P<check>[./A-Za-z0-9]{31})"
_PHC_COSTS = r"(?:v=(?P<v>[0-9]{1,9})\$)?m=(?P<m>[0-9]{1,9}),t=(?P<t>[0-9]{1,9}),p=(?P<p>[0-9]{1,9})"
_DIGEST_NAMES = "|".join(DIGESTS)
_CRYPT_SALT = r"(?P<salt>[^$:\n]{0,%d})"
_FORMS: Final[tuple[tuple[re.Pattern[str], _Reader], ...]] = tuple(
    (re.compile(form), reader)
    for form, reader in (
        # Argon2 as everybody writes it, and with Django's or Spring's word in front
        (rf"(?:argon2)?\$(?P<type>argon2(?:id|i|d))\${_PHC_COSTS}\$(?P<salt>{_B64})\$(?P<check>{_B64})", _argon2),
        # bcrypt of PHP, Ruby, Node, Java, Go; Django's; passlib's
        (rf"(?:bcrypt\$)?{_BCRYPT}", partial(_bcrypt, "bcrypt")),
        (rf"bcrypt_sha256\${_BCRYPT}", partial(_bcrypt, "bcrypt_sha256")),
        (
            (
                r"\$bcrypt-sha256\$v=2,t=2[aby],r=(?P<cost>[0-9]{1,2})\$(?P<salt>[./A-Za-z0-9]{22})"
                r"\$(?P<check>[./A-Za-z0-9]{31})"
            ),
            partial(_bcrypt, "bcrypt_hmac"),
        ),
        # scrypt: Django, passlib, Werkzeug
        (
            rf"scrypt\$(?P<n>[0-9]{{1,20}})\$(?P<salt>[^$]+)\$(?P<r>[0-9]{{1,9}})\$(?P<p>[0-9]{{1,9}})\$(?P<check>{_B64})",
            _django_scrypt,
        ),
        (
            rf"\$scrypt\$ln=(?P<ln>[0-9]{{1,2}}),r=(?P<r>[0-9]{{1,9}}),p=(?P<p>[0-9]{{1,9}})\$(?P<salt>{_B64})\$(?P<check>{_B64})",
            _passlib_scrypt,
        ),
        (
            r"scrypt:(?P<n>[0-9]{1,20}):(?P<r>[0-9]{1,9}):(?P<p>[0-9]{1,9})\$(?P<salt>[^$]+)\$(?P<check>[0-9a-f]+)",
            _werkzeug_scrypt,
        ),
        # PBKDF2: Django, passlib and the PHC form, Werkzeug, LDAP, ASP.NET Identity
        (
            rf"pbkdf2_(?P<prf>sha1|sha256|sha512)\$(?P<n>[0-9]{{1,20}})\$(?P<salt>[^$]+)\$(?P<check>{_B64})",
            _django_pbkdf2,
        ),
        (
            (
                r"\$pbkdf2(?P<prf>-sha1|-sha256|-sha512)?\$(?:i=)?(?P<n>[0-9]{1,20})(?:,l=[0-9]+)?"
                r"\$(?P<salt>[A-Za-z0-9+./]*)={0,2}\$(?P<check>[A-Za-z0-9+./]+)={0,2}"
            ),
            _passlib_pbkdf2,
        ),
        (
            r"pbkdf2:(?P<prf>sha1|sha256|sha512):(?P<n>[0-9]{1,20})\$(?P<salt>[^$]+)\$(?P<check>[0-9a-f]+)",
            _werkzeug_pbkdf2,
        ),
        (
            (
                r"\{(?i:PBKDF2)(?P<prf>-SHA1|-SHA256|-SHA512)?\}(?P<n>[0-9]{1,20})"
                r"\$(?P<salt>[A-Za-z0-9+./]*)={0,2}\$(?P<check>[A-Za-z0-9+./]+)={0,2}"
            ),
            _passlib_pbkdf2,
        ),
        (r"A[A-Za-z0-9+/]{64,}={0,2}", _aspnet),
        # plain digests with and without a salt: ours (Django's md5 and sha1 are of it), LDAP's
        (rf"(?P<name>{_DIGEST_NAMES})(?P<after>_after)?\$(?P<salt>[^$]*)\$(?P<check>[0-9A-Fa-f]+)", _salted),
        (rf"\{{(?P<name>(?i:s?md5|s?sha(?:1|-?256|-?384|-?512)?))\}}(?P<check>{_B64})", _ldap),
        # the crypt family and phpass
        (
            rf"\$(?P<id>[56])\$(?:rounds=(?P<n>[0-9]{{1,20}})\$)?{_CRYPT_SALT % 16}\$(?P<check>[./A-Za-z0-9]+)",
            _sha_crypt,
        ),
        (rf"\$(?P<id>1|apr1)\${_CRYPT_SALT % 8}\$(?P<check>[./A-Za-z0-9]{{22}})", _md5_crypt),
        (r"\$[PH]\$(?P<log2>[./A-Za-z0-9])(?P<salt>.{8})(?P<check>[./A-Za-z0-9]{22})", partial(_phpass, "phpass")),
        (r"\$S\$(?P<log2>[./A-Za-z0-9])(?P<salt>.{8})(?P<check>[./A-Za-z0-9]{43})", partial(_phpass, "drupal7")),
        # another's word in front: LDAP's {CRYPT}, Spring's {bcrypt}
        (r"\{(?i:crypt|bcrypt|argon2)\}(?P<inner>[^{].*)", _inner),
    )
)
