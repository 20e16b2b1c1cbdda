import hashlib
import hmac
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac

from vault import digests


def bad(password, user, given, key):
    # ruleid: fast-hash-of-a-password
    hashlib.sha256(password.encode()).hexdigest()
    # ruleid: fast-hash-of-a-password
    hashlib.md5((user.salt + password).encode())
    salted = f"{user.salt}:{given['password']}"
    # ruleid: fast-hash-of-a-password
    digest = hashlib.sha512(salted.encode())
    # ruleid: fast-hash-of-a-password
    hmac.new(key, user.new_password.encode(), "sha256")
    # ruleid: fast-hash-of-a-password
    digests.keyed("sign-in", password)
    # ruleid: fast-password-hasher
    user.password = make_password(password, hasher="md5")
    # ruleid: fast-password-hasher
    user.password = make_password(password, None, "md5")
    # ruleid: fast-hash-of-a-password
    hashlib.sha3_384(password.encode())
    # ruleid: fast-hash-of-a-password
    hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1000)
    # ruleid: fast-hash-of-a-password
    salted_hmac("sign-in", password)
    # ruleid: fast-hash-of-a-password
    sha256(password.encode())
    fed = hashlib.sha256()
    # ruleid: fast-hash-of-a-password
    fed.update(password.encode())
    also_fed = hashes.Hash(hashes.SHA256())
    # ruleid: fast-hash-of-a-password
    also_fed.update(password.encode())
    return digest


# ruleid: fast-password-hasher
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def good(password, user, token, salt):
    # ok: fast-hash-of-a-password
    hashlib.sha256(token.encode()).hexdigest()
    # ok: fast-hash-of-a-password
    hashlib.scrypt(password.encode(), salt=salt, n=2**17, r=8, p=1)
    # ok: fast-hash-of-a-password
    user.password = make_password(password)
    # ok: fast-hash-of-a-password
    digests.keyed("subject", user.email)
    fields = {}
    # ok: fast-hash-of-a-password
    fields.update(password=password)


# ok: fast-password-hasher
GOOD_HASHERS = ["accounts.hashers.Argon2id"]
