"""The mfa app with only the floors below it: no roles, no house."""

from accounts.tests import settings as below

globals().update({name: value for name, value in vars(below).items() if name.isupper()})

INSTALLED_APPS = [*below.INSTALLED_APPS, "mfa"]  # type: ignore[attr-defined]
ROOT_URLCONF = "mfa.tests.urls"
NOTIFICATIONS_KINDS = ("accounts.message_kinds", "mfa.message_kinds")
NOTIFICATIONS_WHATSAPP_PROVIDERS = ["notifications.testing.RecordingProvider"]
NOTIFICATIONS_TELEGRAM_PROVIDERS = ["notifications.testing.RecordingProvider"]
ACCOUNTS_LOGIN_STEPS = ["mfa.login_step.SecondFactor"]
ACCOUNTS_FACTOR_RESET = "mfa.resets.reset"
