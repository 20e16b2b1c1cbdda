"""The calls about what people want: their own choices, and the addresses that staff hold back."""

from typing import Any
from uuid import UUID

import pytest

from kit.clock import utcnow
from kit.ids import uuid7
from kit.tenants import HOUSE
from notifications import suppressions
from notifications.channels import Channel
from notifications.models import Suppression
from notifications.recipients import Contact
from notifications.tests.callers import CallerClient

pytestmark = pytest.mark.django_db

CHOICES = "/api/v1/preferences"
LIST = "/api/v1/notify/suppressions"
STAFF = tuple(f"notifications.{verb}_suppression" for verb in ("view", "add", "delete"))
NEWS = {"category": "newsletter", "channel": "email", "allowed": False, "digest": "at_once"}
NIGHT = {"begins": "22:00", "ends": "07:00", "time_zone": "Europe/Berlin"}


def choose(client: CallerClient, *choices: dict[str, Any], quiet: Any = None) -> Any:
    return client.put(CHOICES, {"choices": choices, "quiet_hours": quiet}, format="json")


def choice_in(answer: Any, category: str, channel: str = "email") -> dict[str, Any]:
    [found] = [row for row in answer.data["choices"] if (row["category"], row["channel"]) == (category, channel)]
    return dict(found)


def test_what_is_chosen_is_shown() -> None:
    client = CallerClient()
    answer = choose(client, NEWS, {"category": "tips", "channel": "email", "digest": "daily"}, quiet=NIGHT)
    assert answer.status_code == 200
    assert client.get(CHOICES).data == answer.data
    assert choice_in(answer, "newsletter") == {**NEWS, "title": "Newsletter", "must_arrive": False}
    assert choice_in(answer, "tips")["digest"] == "daily"
    assert choice_in(answer, "security")["must_arrive"] is True
    assert answer.data["quiet_hours"] == NIGHT


def test_what_was_shown_can_be_sent_back() -> None:
    client = CallerClient()
    shown = choose(client, NEWS, quiet=NIGHT).data
    again = client.put(CHOICES, shown, format="json")
    assert (again.status_code, again.data) == (200, shown)


def test_all_that_can_be_shown_can_be_sent_back(settings: Any, channels_carried: None) -> None:
    settings.NOTIFICATIONS_CATEGORIES = {f"declared.{n}": {} for n in range(40)}
    client = CallerClient()
    own = [{"category": f"own.{n}", "channel": "email", "allowed": False} for n in range(200)]
    shown = choose(client, *own).data
    assert len(shown["choices"]) == 247 * len(Channel)
    again = client.put(CHOICES, shown, format="json")
    assert (again.status_code, again.data) == (200, shown)
    assert choose(client, *own, {**own[0], "category": "own.200"}).json()["errors"][0]["field"] == "choices"


@pytest.fixture
def channels_carried(settings: Any) -> None:
    """Have every channel carried."""
    for channel in Channel:
        setattr(settings, f"NOTIFICATIONS_{channel.name}_PROVIDERS", ["notifications.testing.RecordingProvider"])


def test_choices_are_the_callers_own() -> None:
    choose(CallerClient(), NEWS)
    assert choice_in(CallerClient().get(CHOICES), "newsletter")["allowed"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"choices": [NEWS, {**NEWS, "category": "codes"}], "quiet_hours": None}, "choices.1.allowed"),
        ({"choices": [{"category": "codes", "channel": "pigeon"}], "quiet_hours": None}, "choices.0.channel"),
        ({"choices": [{"channel": "email"}], "quiet_hours": None}, "choices.0.category"),
        ({"choices": [], "quiet_hours": {**NIGHT, "begins": "24:00"}}, "quiet_hours.begins"),
        ({"choices": [], "quiet_hours": {**NIGHT, "begins": "7:00"}}, "quiet_hours.begins"),
        ({"choices": [], "quiet_hours": {**NIGHT, "ends": "22:00"}}, "quiet_hours.ends"),
        ({"choices": [], "quiet_hours": {**NIGHT, "time_zone": "Mars"}}, "quiet_hours.time_zone"),
        ({"choices": []}, "quiet_hours"),
        ({"quiet_hours": None}, "choices"),
        ({"choices": [{**NEWS, "category": f"own.{n}"} for n in range(201)], "quiet_hours": None}, "choices"),
        ({"choices": [NEWS] * 2001, "quiet_hours": None}, "choices"),
    ],
)
def test_a_mistake_is_named_where_it_is(body: dict[str, Any], field: str) -> None:
    client = CallerClient()
    answer = client.put(CHOICES, body, format="json")
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert choice_in(client.get(CHOICES), "newsletter")["allowed"] is True


def test_what_was_unsubscribed_by_a_link_is_off_until_it_is_chosen_again(settings: Any) -> None:
    settings.NOTIFICATIONS_RECIPIENTS = "notifications.tests.test_api_people.contacts"
    client = CallerClient()
    contacts.known = {client.caller: Contact(email="anna@example.com")}
    suppressions.learn(
        tenant=HOUSE,
        channel="email",
        address="anna@example.com",
        category="newsletter",
        reason=Suppression.Reason.UNSUBSCRIBED,
        now=utcnow(),
    )
    shown = client.get(CHOICES)
    assert choice_in(shown, "newsletter")["allowed"] is False
    client.put(CHOICES, shown.data, format="json")
    assert Suppression.objects.count() == 1
    assert choice_in(choose(client, {**NEWS, "allowed": True}), "newsletter")["allowed"] is True
    assert not Suppression.objects.exists()


class _Contacts:
    """Knows where the people of a test are reached."""

    known: dict[UUID, Contact] = {}

    def __call__(self, people: Any) -> dict[UUID, Contact]:
        return {person: self.known[person] for person in people if person in self.known}


contacts = _Contacts()


def test_reading_costs_two_statements_and_choosing_few(
    django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = CallerClient()
    with django_assert_num_queries(2):
        client.get(CHOICES)
    many = [{"category": f"c{number}", "channel": "email", "allowed": False} for number in range(150)]
    with django_assert_max_num_queries(14):
        assert choose(client, *many, quiet=NIGHT).status_code == 200


def add(client: CallerClient, **more: Any) -> Any:
    body = {"channel": "email", "address": "Anna@Example.com", "detail": "By telephone."}
    return client.post(LIST, body | more, format="json")


def test_staff_hold_an_address_back_find_it_and_let_it_go() -> None:
    client = CallerClient(*STAFF)
    added = add(client)
    assert (added.status_code, added.data["address"], added.data["reason"]) == (201, "anna@example.com", "staff")
    assert add(client).status_code == 409
    assert add(client, category="tips").status_code == 201
    found = client.get(LIST, {"address": "ANNA@example.com", "channel": "email", "reason": "staff"}).data["results"]
    assert [row["category"] for row in found] == ["tips", ""]
    one = f"{LIST}/{added.data['id']}"
    assert client.delete(one).status_code == 400
    assert client.delete(f"{one}?reason=again").status_code == 204
    assert client.delete(f"{one}?reason=again").status_code == 404


def test_each_needs_its_permission() -> None:
    row = add(CallerClient(*STAFF)).data["id"]
    for missing in STAFF:
        client = CallerClient(*(permission for permission in STAFF if permission != missing))
        answers = [client.get(LIST), add(client), client.delete(f"{LIST}/{row}?reason=x")]
        assert [answer.status_code == 403 for answer in answers] == [missing == permission for permission in STAFF]
        if missing == STAFF[2]:
            continue
        row = add(CallerClient(*STAFF)).data["id"]


def test_what_does_not_exist_is_not_found() -> None:
    assert CallerClient(*STAFF).delete(f"{LIST}/{uuid7()}?reason=x").status_code == 404


def test_the_list_costs_one_statement_however_long_it_is(django_assert_num_queries: Any) -> None:
    rows = [
        Suppression(channel="email", address=f"p{number}@example.com", reason="bounced", created_at=utcnow())
        for number in range(300)
    ]
    Suppression.objects.bulk_create(rows)
    with django_assert_num_queries(1):
        assert len(CallerClient(*STAFF).get(LIST).data["results"]) == 20
