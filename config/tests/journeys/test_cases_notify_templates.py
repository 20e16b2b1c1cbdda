"""Templates (N): what stands in variables is printed as it stands, and leads to nothing but web, mail and phone."""

import re
from typing import Any

import pytest

from config.testing.cases import case
from config.testing.processes import Gatehouse
from config.testing.walks import Person, new_address, new_notifier, new_staff, sign_in

LITERAL = (
    *(
        "{{7*7}}",
        "{{ 7|add:7 }}",
        "{% load static %}",
        "{{request}}",
        "{{settings.SECRET_KEY}}",
        "{% debug %}",
        "${7*7}",
    ),
    *("#{7*7}", "<%= 7*7 %>", "{0.__class__}", "{name.__class__}", "%(x)s", "%s%s%n", "{{ ''.__class__.__mro__ }}"),
)
MARKUP = (
    *(
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "<svg/onload=alert(1)>",
        "' onmouseover='alert(1)",
    ),
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>x</script>"),
    *(
        " javascript:alert(1)",
        "vbscript:x",
        "//evil.example/x",
        "file:///etc/passwd",
        "blob:x",
        "&#106;avascript:alert(1)",
    ),
)
SOURCE = {
    "subject": "Hello {{ value }}",
    "text": "It is: {{ value }}",
    "html": '<p title="{{ value }}">It is: {{ value }}</p><a href="{{ value }}">x</a><img src="{{ value }}" alt="y">'
    "<p title={{ value }}>unquoted</p>",
}


@pytest.fixture(scope="module")
def template(house: Gatehouse) -> str:
    """A published template whose variable stands everywhere that one can stand."""
    staff, name = sign_in(house, new_staff(house).email), "cases.everywhere"
    made = {"name": name, "variables": {"value": "a value"}}
    assert house.post("/notify/templates", made, bearer=staff.access).status_code == 201
    drafted = house.post(f"/notify/templates/{name}/versions", {"channel": "email", **SOURCE}, bearer=staff.access)
    number = drafted.json()["number"]
    published = house.post(f"/notify/templates/{name}/versions/{number}/publish", {}, bearer=staff.access)
    assert published.status_code == 200
    return name


@pytest.fixture(scope="module")
def sender(house: Gatehouse) -> Person:
    return new_notifier(house)


def said(house: Gatehouse, sender: Person, template: str, value: str) -> dict[str, Any]:
    """Return what a template says with a value in it."""
    asked = {"context": {"value": value}}
    answer = house.post(f"/notify/templates/{template}/preview", asked, bearer=sender.access)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@case("N06")
@pytest.mark.parametrize("value", LITERAL)
def test_variables_are_printed_literally(house: Gatehouse, sender: Person, template: str, value: str) -> None:
    words = said(house, sender, template, value)
    assert words["subject"] == f"Hello {value}"
    assert words["text"].startswith(f"It is: {value}")


@case("N06")
def test_mail_that_is_sent_holds_the_variable_literally(house: Gatehouse, sender: Person, template: str) -> None:
    address = new_address()
    asked = {"to": address, "template": template, "context": {"value": "{{7*7}} {% load x %}"}}
    assert house.post("/notify/email", asked, bearer=sender.access).status_code == 202
    mail = house.mailbox.wait(to=address)
    assert mail["subject"] == "Hello {{7*7}} {% load x %}"


@case("N08")
@pytest.mark.parametrize("value", MARKUP)
def test_markup_in_variables_is_text(house: Gatehouse, sender: Person, template: str, value: str) -> None:
    html = said(house, sender, template, value)["html"]
    card = re.search(r'<td class="card".*?>(.*?)</td></tr>', html, re.DOTALL)
    assert card is not None
    tags = re.findall(r"<[a-zA-Z/][^>]*>", card[1])
    assert {re.split(r"[\s>]", tag)[0] for tag in tags} <= {"<p", "</p", "<a", "</a", "<img", "</img"}
    for tag in tags:
        bare = re.sub(r'"[^"]*"', '""', tag)
        assert set(re.findall(r"\s([^\s=]+)=", bare)) <= {"title", "alt"}, tag
        assert "'" not in bare, tag


@case("N08")
@pytest.mark.parametrize("link", ["https://a.example/x?y=1&z=2", "http://a.example", "mailto:a@b.example", "tel:+431"])
def test_links_to_web_mail_and_telephone_are_kept(house: Gatehouse, sender: Person, template: str, link: str) -> None:
    assert f'<a href="{link.replace("&", "&amp;")}">' in said(house, sender, template, link)["html"]


@case("N06")
@pytest.mark.parametrize(
    "body", ["{% load static %}", "{{ settings.SECRET_KEY }}", "{{ value.__class__ }}", "{% include 'x' %}"]
)
def test_template_that_reaches_for_more_is_refused(house: Gatehouse, template: str, body: str) -> None:
    staff = sign_in(house, new_staff(house).email)
    draft = {"channel": "email", "subject": "S", "text": f"a\n{body}"}
    answer = house.post(f"/notify/templates/{template}/versions", draft, bearer=staff.access)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "text")
    assert "Line 2" in answer.json()["errors"][0]["detail"]
