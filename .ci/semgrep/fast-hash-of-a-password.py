import hashlib
import hmac

from django.contrib.auth.hashers import make_password

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


# ok: fast-password-hasher
GOOD_HASHERS = ["accounts.hashers.Argon2id"]
