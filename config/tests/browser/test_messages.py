"""What the admin shows of messages, in every state that support is asked about, and the page of a newsletter's link."""

from collections.abc import Iterator

from playwright.sync_api import Page

from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_address, new_notifier
from config.tests.browser import axe
from config.tests.browser.conftest import WIDER_THAN_THE_SCREEN, Watched, picture
from config.tests.browser.residents import Residents
from config.tests.browser.test_admin import sign_in

NEVER = "nobody.has.this@example.org"
# What takes hours, and providers that misbehave: a message in each state.
_SCRIPT = """
import datetime as dt
from kit.clock import utcnow
from notifications.models import Attempt, Receipt
from notifications.testing import make_message

now = utcnow()
ago = {"created_at": now - dt.timedelta(hours=1), "due_at": None, "template": "shop.invoice", "category": "billing"}
to = "anna.with-a-rather-long-name@department.of.something.example.org"
failed = make_message(**ago, to=[to], recipient=to, status="failed", failure="expired")
for number, outcome in enumerate(("deferred", "misconfigured", "unknown", "refused"), start=1):
    at = ago["created_at"] + dt.timedelta(minutes=number)
    Attempt.objects.create(message=failed, claim=number, provider="smtp", started_at=at, outcome=outcome,
        finished_at=at + dt.timedelta(seconds=2), error="mailbox_full", detail="452 4.2.2 The mailbox is full")
Receipt.objects.create(provider="resend", event_id=failed.pk.hex, event="bounced", message=failed, occurred_at=now,
    received_at=now, recipient=to, detail="550 5.1.1 No such mailbox")
for failure in ("bounced", "unsubscribed", "complained", "staff", "stopped", "not_wanted", "country_not_allowed"):
    held = make_message(**ago, status="suppressed", failure=failure)
make_message(due_at=now + dt.timedelta(hours=9), status="scheduled")
bounced = held.__class__.objects.filter(failure="bounced").first()
print(failed.pk, bounced.pk)
"""


def unsubscribing(page: Page, house: Gatehouse) -> Iterator[str]:
    """Walk through the pages of a newsletter's link, and yield their names."""
    reader = new_address()
    mail = {"to": reader, "subject": "News", "text": "News.", "category": "newsletter"}
    assert house.post("/notify/email", mail, bearer=new_notifier(house).access).status_code == 202
    link = str(house.mailbox.wait(to=reader, about="News")["List-Unsubscribe"]).strip("<>")
    page.goto(house.url + "/" + link.split("/", 3)[3])
    yield "question whether to unsubscribe"
    for button, shown in (
        ("Unsubscribe", "word that she is unsubscribed"),
        ("Subscribe again", "word that she is back"),
    ):
        with page.expect_navigation():
            page.get_by_role("button", name=button).click()
        yield shown


def tour(watched: Watched, house: Gatehouse, staff: Person) -> Iterator[str]:
    """Open each page in turn and yield its name."""
    page, base = watched.page, f"{house.url}/admin/notifications"
    failed, bounced = house.inside(_SCRIPT).split()[-2:]
    yield from unsubscribing(page, house)
    sign_in(page, house, staff)
    for path, name in (
        ("message/", "feed"),
        (f"message/?q={NEVER}", "feed without any"),
        (f"message/{failed}/change/", "life of a failed message"),
        (f"message/{bounced}/change/", "life of a message that was held back"),
        ("message/charts/", "messages in numbers"),
        ("suppression/", "addresses held back"),
        (f"suppression/?q={NEVER}", "addresses held back without any"),
        ("suppression/add/", "form of an address to hold back"),
        ("provideraccount/", "list of providers"),
        ("provideraccount/new/resend/", "form of a provider at Resend"),
        ("template/", "templates"),
        ("brand/", "brand"),
    ):
        page.goto(f"{base}/{path}")
        yield name


def test_no_page_about_messages_has_a_grave_barrier(
    examined: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    found = {}
    for name in tour(examined, house, staff):
        picture(examined.page, name)
        found[name] = axe.grave(examined.page)
    assert {name: barriers for name, barriers in found.items() if barriers} == {}


def test_no_page_about_messages_breaks_the_policy_or_is_too_wide(
    screen: Watched, house: Gatehouse, staff: Person, residents: Residents
) -> None:
    too_wide = []
    for name in tour(screen, house, staff):
        picture(screen.page, name)
        too_wide += [name] if screen.page.evaluate(WIDER_THAN_THE_SCREEN) else []
    assert too_wide == []
    assert screen.errors == []  # a refusal by the policy is one
