"""What an operator sees of a running service, whichever of its processes answers."""

from typing import Any

from config.testing.children import wait_until
from config.testing.processes import METRICS_TOKEN, Gatehouse
from config.testing.walks import new_address, new_notifier, sign_in
from kit.testing.metrics import Values, parse


def scrape(house: Gatehouse, name: str) -> Values:
    """Return what is told under a name."""
    answer = house.request("GET", "/metrics", bearer=METRICS_TOKEN)
    assert answer.status_code == 200, answer.text
    return parse(answer.text, name)


def accepted(house: Gatehouse) -> float:
    """Return how many messages providers have taken."""
    return sum(value for (outcome, _), value in scrape(house, "deliveries_total").items() if outcome == "accepted")


def test_a_sign_in_and_a_mail_are_counted_whichever_process_did_the_work(house: Gatehouse) -> None:
    person = new_notifier(house)
    key, login = ("api", "succeeded"), ("POST", "/api/v1/auth/login", "200")
    before: dict[str, Any] = {name: scrape(house, name) for name in ("sign_ins_total", "http_requests_total")}
    mails = accepted(house)
    for _ in range(6):
        sign_in(house, person.email)
    body = {"to": new_address(), "subject": "Hello", "text": "Greetings."}
    assert house.post("/notify/email", body, bearer=person.access).status_code == 202
    wait_until("the worker's count", lambda: accepted(house) > mails, seconds=20)
    for _ in range(4):  # any web process may answer
        assert scrape(house, "sign_ins_total")[key] == before["sign_ins_total"][key] + 6
        assert scrape(house, "http_requests_total")[login] == before["http_requests_total"][login] + 6


def test_the_worker_is_heard_and_the_queue_is_empty_in_the_end(house: Gatehouse) -> None:
    wait_until("a heartbeat", lambda: scrape(house, "workers")[("alive",)] >= 1, seconds=20)
    assert scrape(house, "worker_heartbeat_seconds")[()] < 30
    wait_until("an empty queue", lambda: not any(scrape(house, "outbox_messages").values()), seconds=30)
    assert scrape(house, "tasks_total")[("SUCCESS", "notifications.sweep")] > 0


def test_a_stranger_finds_no_figures(house: Gatehouse) -> None:
    assert house.request("GET", "/metrics").status_code == 404
    assert house.request("GET", "/metrics", bearer=f"{METRICS_TOKEN}x").status_code == 404
