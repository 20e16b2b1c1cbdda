"""What of the providers stops the start."""

from pathlib import Path
from typing import Any

import pytest

from notifications import checks, provider_checks

TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+15551112222"}
PLAIN = {"PRODUCTION": True, "TWILIO_URL": "http://twilio.example"}
SECRET = "hidden-token"


def found(settings: Any, **values: Any) -> list[str]:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = settings.NOTIFICATIONS_SMS_PROVIDERS = []
    for name, value in values.items():
        setattr(settings, name, value)
    problems = [*provider_checks.check_chains(None), *provider_checks.check_addresses(None)]
    assert SECRET not in " ".join(f"{problem.msg} {problem.hint}" for problem in problems)
    return [str(problem.id).removeprefix("notifications.") for problem in problems]


@pytest.mark.parametrize(
    "values",
    [
        {"NOTIFICATIONS_SMS_PROVIDERS": ["twilio"], **TWILIO},
        {"NOTIFICATIONS_SMS_PROVIDERS": ["twilio"], **TWILIO, "PRODUCTION": True},
        {"NOTIFICATIONS_SMS_PROVIDERS": ["account:main"]},
        {"NOTIFICATIONS_SMS_PROVIDERS": ["file", "faulty"]},
        {"NOTIFICATIONS_SMS_PROVIDERS": ["faulty"], "PRODUCTION": True, "NOTIFICATIONS_FAULTS_ALLOWED": True},
        {"APPRISE_URLS": {"telegram": ["tgram://1:a/{to}"]}, "NOTIFICATIONS_TELEGRAM_PROVIDERS": ["apprise"]},
        {"WEB_PUSH_PRIVATE_KEY": "Bw" * 21 + "c", "NOTIFICATIONS_PUSH_PROVIDERS": ["devices"]},
        {"FCM_URL": "fcm://project/{to}?keyfile=/etc/key.json", "NOTIFICATIONS_PUSH_PROVIDERS": ["devices"]},
    ],
)
def test_sound_settings_pass(settings: Any, values: dict[str, Any], tmp_path: Path) -> None:
    assert found(settings, GATEHOUSE_HOME=tmp_path, **values) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["resend"], "RESEND_API_KEY": SECRET}, "E030"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["twilio"]}, "E031"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["apprise"]}, "E031"),
        ({"NOTIFICATIONS_PUSH_PROVIDERS": ["devices"]}, "E031"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["faulty"], "NOTIFICATIONS_FAULTS": "/no/script"}, "E031"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["twilio"], **TWILIO, **PLAIN}, "E031"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["file"], "PRODUCTION": True}, "E032"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["faulty"], "PRODUCTION": True}, "E032"),
        ({"NOTIFICATIONS_SMS_PROVIDERS": ["notifications.providers.file.FileProvider"], "PRODUCTION": True}, "E032"),
        ({"APPRISE_URLS": {"sms": [f"syslog://{SECRET}"]}}, "E033"),
        ({"APPRISE_URLS": {"sms": [f"jsons://{SECRET}/{{to}}"]}}, "E033"),
        ({"WEB_PUSH_PRIVATE_KEY": SECRET}, "E034"),
        ({"WEB_PUSH_HOSTS": ["http://push.example"], "PRODUCTION": True}, "E035"),
        ({"FCM_URL": f"twilio://{SECRET}/{{to}}"}, "E036"),
    ],
)  # fmt: skip
def test_mistake_is_found(settings: Any, values: dict[str, Any], problem: str, tmp_path: Path) -> None:
    assert found(settings, GATEHOUSE_HOME=tmp_path, **values) == [problem]


@pytest.mark.parametrize(("name", "wrong"), [("account:main", 0), ("account:", 1), ("account:../x", 1), ("pigeon", 1)])
def test_account_is_named_by_its_name(settings: Any, name: str, wrong: int) -> None:
    settings.NOTIFICATIONS_EMAIL_PROVIDERS = [name]
    assert [problem.id for problem in checks.check_providers(None)] == ["notifications.E003"] * wrong
