import os

# ruleid: hard-coded-secret
SECRET_KEY = "9f2c1d77aa0b4e52b1b6"
# ruleid: hard-coded-secret
password: str = "hunter2-hunter2"
# ruleid: hard-coded-secret
client = connect(user="gatehouse", password="s3cr3t-s3cr3t")
# ruleid: hard-coded-secret
DATABASE = {"HOST": "db", "PASSWORD": "s3cr3t-s3cr3t"}
# ruleid: hard-coded-secret
headers["api_key"] = "abcdef0123456789"
# ruleid: hard-coded-secret
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "s3cr3t-s3cr3t")
# ruleid: hard-coded-secret
settings.bot_token = "123456:abcdefghij"
# ruleid: hard-coded-secret
KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBmMr5m4bJnE\n-----END PRIVATE KEY-----"
# ruleid: hard-coded-secret
CALL = "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlLW9m"
# ruleid: hard-coded-secret
DEPLOY = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
# ruleid: hard-coded-secret
SECRET_KEY = os.environ.get("SECRET_KEY") or "s3cr3t-s3cr3t"
# ruleid: hard-coded-secret
SECRET_KEY = getattr(settings, "SECRET_KEY", "s3cr3t-s3cr3t")
# ruleid: hard-coded-secret
SECRET_KEY = env.str("SECRET_KEY", default="s3cr3t-s3cr3t")
# ruleid: hard-coded-secret
os.environ.setdefault("SECRET_KEY", "s3cr3t-s3cr3t")
# ruleid: hard-coded-secret
encryption_key = bytes.fromhex("9f2c1d77aa0b4e52b1b69f2c1d77aa0b")


# ruleid: hard-coded-secret
def connect(*, password: str = "s3cr3t-s3cr3t"):
    return password


# ok: hard-coded-secret
SECRET_KEY = os.environ["SECRET_KEY"]
# ok: hard-coded-secret
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
# ok: hard-coded-secret
token_type = "Bearer"
# ok: hard-coded-secret
answer = {"password": "At least 15 characters of any kind.", "token": "$response.body#/access"}
# ok: hard-coded-secret
LIMITS = {"token": "limits.by_address"}
# ok: hard-coded-secret
client = connect(user="gatehouse", password=given)
# ok: hard-coded-secret
MARK = "-----BEGIN PRIVATE KEY-----"
