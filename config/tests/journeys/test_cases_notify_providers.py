"""Providers over HTTP and at the start (N): where messages are never sent, and whose credentials go nowhere else."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.children import wait_until
from config.testing.processes import Gatehouse
from config.testing.servers import ROOT
from config.testing.walks import PASSWORD, Person, new_staff, sign_in
from config.tests.journeys.conftest import make_house
from config.tests.journeys.test_cases_admin import Visitor
from notifications.tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio
from notifications.tests.http_service import Service

ACCOUNT_FORM = "/admin/notifications/provideraccount/account/main/"
NUMBER = "+4915112345678"
SECRET = "hidden-token"
# RFC 8291, appendix A
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
NOT_SPOKEN = ("file:///etc/passwd", "syslog://", "dbus://", "exec://sh", "memory://", "jsons://ntfy.example/{to}")
NOT_THERE = (
    "ntfys://ntfy.example.evil.com/{to}",
    "ntfys://ntfy.example@evil.com/{to}",
    "ntfys://evil.com#@ntfy.example/{to}",
    "ntfys://evil.com\\@ntfy.example/{to}",
    "ntfys://127.0.0.1/{to}",
    "ntfys://{to}/topic",
    "ntfys://ntfy.example/{to}?attach=/etc/passwd",
)


class Office:
    """A service whose SMS go by an account of staff's and whose push goes to a topic, and who looks after it."""

    def __init__(self, running: Gatehouse, topics: Service) -> None:
        self.running, self.topics = running, topics
        self.staff = new_staff(running)
        self.caller: Person = sign_in(running, self.staff.email)
        self.visitor = Visitor(running)
        self.visitor.enter(self.staff.email)

    def send(self, channel: str, **body: Any) -> Any:
        """Send a message and return the answer."""
        return self.running.post(f"/notify/{channel}", body, bearer=self.caller.access)

    def set_up(self, fake: FakeTwilio, **more: str) -> Any:
        """Fill in the form of the account, and return the page that follows."""
        new = "/admin/notifications/provideraccount/new/twilio/"
        form = {"settings.account_sid": ACCOUNT, "settings.from": SENDER, "settings.url": fake.url, **more}
        return self.visitor.post(new if "name" in more else ACCOUNT_FORM, **form)

    def text(self) -> str:
        """Send a short message and return how it ends."""
        answer = self.send("sms", to=NUMBER, text="Hello")
        assert answer.status_code == 202, answer.text
        path = f"/notify/messages/{answer.json()['id']}"

        def status() -> str:
            return str(self.running.get(path, bearer=self.caller.access).json()["status"])

        wait_until("the message to go", lambda: status() in {"sent", "delivered", "failed"}, seconds=60)
        return status()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Service() as topics:
        settings: dict[str, Any] = {
            "NOTIFICATIONS_SMS_PROVIDERS": "account:main",
            "APPRISE_PUSH_URLS": f"ntfy://{topics.host}/{{to}}",
            "APPRISE_HOSTS": topics.host,
            "NOTIFICATIONS_PUSH_PROVIDERS": "apprise",
        }
        home = tmp_path_factory.mktemp("office")
        with make_house(home, "office", web_processes=1, **settings) as running:
            yield Office(running, topics)


def started(home: Path, *command: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of the service that reads its settings, and return how it ended."""
    house = Gatehouse(home, **settings)
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=house.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@case("N15")
@pytest.mark.any_database
def test_service_does_not_start_with_an_address_of_a_scheme_that_is_not_allowed(tmp_path: Path) -> None:
    result = started(tmp_path, "-m", "config.serve", APPRISE_SMS_URLS=f"syslog://{SECRET}")
    assert result.returncode != 0
    assert "notifications.E033" in result.stderr
    assert SECRET not in result.stderr + result.stdout


@case("N14", "N15")
@pytest.mark.any_database
def test_no_address_of_another_scheme_or_host_passes_the_start(tmp_path: Path) -> None:
    urls = (*NOT_SPOKEN, *NOT_THERE)
    result = started(tmp_path, "manage.py", "check", APPRISE_SMS_URLS=" ".join(urls), APPRISE_HOSTS="ntfy.example")
    assert result.returncode != 0
    assert [f"Address {number} of" in result.stderr for number in range(1, len(urls) + 1)] == [True] * len(urls)
    assert "evil" not in result.stderr
    sound = "ntfys://ntfy.example/{to} tgram://123:abc/{to}"
    assert started(tmp_path, "manage.py", "check", APPRISE_SMS_URLS=sound, APPRISE_HOSTS="ntfy.example").returncode == 0


@case("N14")
@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com.evil.com/fcm/send/x",
        "https://fcm.googleapis.com@evil.com/x",
        "https://evil.com\\@fcm.googleapis.com/x",
        "https://evil.com#fcm.googleapis.com/x",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://push.apple.com.evil.com/x",
    ],
)
def test_browser_names_no_push_service_but_a_known_one(office: Office, endpoint: str) -> None:
    body = {"endpoint": endpoint, "keys": KEYS}
    answer = office.running.post("/push-targets", body, bearer=office.caller.access)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "endpoint")
    known = {**body, "endpoint": "https://fcm.googleapis.com/fcm/send/x"}
    assert office.running.post("/push-targets", known, bearer=office.caller.access).status_code in {200, 201}


@case("N15")
@pytest.mark.parametrize(
    "to", ["json://127.0.0.1/x", "file:///etc/passwd", "a?attach=/etc/passwd", "../x", "a/b", "a,b"]
)
def test_recipient_never_becomes_an_address(office: Office, to: str) -> None:
    before = len(office.topics.seen)
    answer = office.send("push", to=to, title="T", body="B")
    if answer.status_code == 202:
        path = f"/notify/messages/{answer.json()['id']}"
        wait_until(
            "the end",
            lambda: office.running.get(path, bearer=office.caller.access).json()["status"] == "failed",
            seconds=30,
        )
    else:
        assert answer.status_code == 400, answer.text
    assert len(office.topics.seen) == before


@case("N15")
def test_recipient_that_is_one_is_reached(office: Office) -> None:
    assert office.send("push", to="topic-1", title="T", body="B").status_code == 202
    wait_until("the push", lambda: any("topic-1" in str(seen.body) for seen in office.topics.seen), seconds=30)


@case("N18")
def test_credentials_never_follow_to_another_address(office: Office) -> None:
    with FakeTwilio() as first, FakeTwilio() as second:
        assert office.set_up(first, name="main", **{"credentials.auth_token": TOKEN}).status_code == 302
        assert (office.text(), len(first.delivered)) == ("sent", 1)
        refused = office.set_up(second)
        assert "Give the credentials anew" in refused.text
        assert TOKEN not in refused.text + office.visitor.get(ACCOUNT_FORM).text
        assert (office.text(), len(first.delivered), second.seen) == ("sent", 2, [])
        moved = office.set_up(second, **{"credentials.auth_token": "another-token"})
        assert moved.status_code == 302

        def is_asked() -> bool:  # other processes see the change within seconds, and send by what they know till then
            assert office.send("sms", to=NUMBER, text="Hello").status_code == 202
            return bool(second.seen)

        wait_until("the other", is_asked, seconds=60, pause=2)
    assert all(TOKEN not in str(dict(seen.headers)) for seen in second.seen)


@case("N18")
def test_credentials_lie_sealed(office: Office) -> None:
    with FakeTwilio() as fake:
        office.set_up(fake, name="sealed", **{"credentials.auth_token": PASSWORD})
    shown = office.running.manage("dumpdata", "notifications.provideraccount")
    assert "sealed" in shown
    assert PASSWORD not in shown
