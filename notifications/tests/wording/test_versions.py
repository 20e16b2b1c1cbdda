"""Templates that staff write: checked, published, rolled back, and pinned on the messages that say them."""

from datetime import datetime
from typing import Any

import pytest

from audit.models import Entry
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import uuid7
from kit.origin import NOWHERE
from kit.testing import races
from notifications import wording
from notifications.models import Message, TemplateVersion
from notifications.testing import GREETING, deliver_all, make_greeting, make_template, publish_wording
from notifications.wording import languages, versions
from notifications.wording.defaults import Sources

pytestmark = pytest.mark.django_db

SOURCES = Sources("Invoice {{ number }}", "Dear {{ name }}.", "<p>Dear {{ name }}.</p>")


def by(now: datetime, **more: Any) -> dict[str, Any]:
    return {"actor": uuid7(), "now": now, "origin": NOWHERE, **more}


def test_published_wording_is_what_is_sent(now: datetime) -> None:
    make_template("invoice", {"name": "Anna", "number": 1}, now=now)
    publish_wording("invoice", SOURCES, now=now)
    found = wording.resolve(name="invoice", channel="email")
    assert found is not None
    said = wording.render(found, {"name": "<Bert>", "number": 4711})
    assert (said.subject, said.text.split("\n")[0]) == ("Invoice 4711", "Dear <Bert>.")
    assert "<p>Dear &lt;Bert&gt;.</p>" in said.html


def test_draft_is_not_sent(now: datetime) -> None:
    make_template("invoice", {"name": "Anna", "number": 1}, now=now)
    versions.draft(name="invoice", channel="email", sources=SOURCES, **by(now))
    assert wording.resolve(name="invoice", channel="email") is None


def test_language_falls_back(now: datetime) -> None:
    make_template("hello", {}, now=now)
    for locale in ("", "de", "fr"):
        publish_wording("hello", Sources("S", f"[{locale}]"), locale=locale, now=now)
    said = {}
    for asked in ("de-AT", "de", "FR_ca", "it", ""):
        found = wording.resolve(name="hello", channel="email", locale=asked)
        assert found is not None
        said[asked] = found.locale
    assert said == {"de-AT": "de", "de": "de", "FR_ca": "fr", "it": "", "": ""}


def test_going_back_publishes_the_old_wording_anew(now: datetime) -> None:
    make_template("hello", {}, now=now)
    first = publish_wording("hello", Sources("S", "first"), now=now)
    second = publish_wording("hello", Sources("S", "second"), now=now)
    third = versions.publish(name="hello", number=first.number, **by(now))
    assert (third.number, third.text) == (3, "first")
    states = TemplateVersion.objects.order_by("number").values_list("number", "state")
    assert list(states) == [(1, "retired"), (2, "retired"), (3, "published")]
    assert Entry.objects.filter(action="notifications.template.published").count() == 3
    with pytest.raises(Conflict):
        versions.publish(name="hello", number=third.number, **by(now))
    assert second.number == 2


@pytest.mark.parametrize(
    ("sources", "field", "words"),
    [
        (Sources("S", "a\n{{ nobody }}"), "text", "nobody"),
        (Sources("S", "{% load x %}"), "text", "Line 1: `load`"),
        (Sources("S", "", "<p>\n{{ name|safe }}"), "html", "Line 2: `safe`"),
        (Sources("{{ name.first }}", "T"), "subject", "name.first"),
        (Sources("", "T"), "subject", "needs a subject"),
        (Sources("S", " "), "text", "Write a text"),
        (Sources("S", "\x00"), "text", "cannot be stored"),
        (Sources("S", "{% for a in name %}{% endfor %}"), "text", "goes over a list"),
    ],
)
def test_wording_that_cannot_be_sent_is_not_kept(now: datetime, sources: Sources, field: str, words: str) -> None:
    make_template("hello", {"name": "Anna"}, now=now)
    with pytest.raises(Invalid, match=words) as refused:
        versions.draft(name="hello", channel="email", sources=sources, **by(now))
    assert refused.value.field == field
    assert not TemplateVersion.objects.exists()


def test_what_is_missing_is_named_at_acceptance(now: datetime) -> None:
    make_template("hello", {"name": {"first": "Anna"}}, now=now)
    publish_wording("hello", Sources("S", "{{ name.first }}"), now=now)
    found = wording.resolve(name="hello", channel="email")
    assert found is not None
    for context, field in (({}, "context.name"), ({"name": {}}, "context.name.first"), ({"name": len}, "context.name")):
        with pytest.raises(Invalid) as refused:
            wording.render(found, context)
        assert refused.value.field == field


def test_text_is_told_by_the_html_where_there_is_none(now: datetime) -> None:
    make_template("hello", {"link": "https://example.com/x"}, now=now)
    html = '<p>Hello,</p><p><a class="button" href="{{ link }}">Look</a></p>'
    publish_wording("hello", Sources("S", "", html), now=now)
    found = wording.resolve(name="hello", channel="email")
    assert found is not None
    said = wording.render(found, {"link": "https://example.com/y"})
    assert said.text.startswith("Hello,\n\nLook:\n\nhttps://example.com/y\n\n-- \n")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x", " jAvascript:x"]
)
def test_links_lead_to_the_web_mail_and_telephones_alone(now: datetime, link: str) -> None:
    make_template("hello", {"link": "https://example.com"}, now=now)
    publish_wording("hello", Sources("S", "T", '<a href="{{ link }}">x</a><img src="{{ link }}">'), now=now)
    found = wording.resolve(name="hello", channel="email")
    assert found is not None
    html = wording.render(found, {"link": link}).html
    assert "<a>x</a>\n</td>" in html
    assert "https://a.example" in wording.render(found, {"link": "https://a.example"}).html


def test_kind_says_what_staff_made_of_it_and_its_files_after_that(now: datetime) -> None:
    published = publish_wording(GREETING.name, Sources("Ahoy {{ name }}", "Ahoy {{ name }}: {{ link }}"), now=now)
    message = make_greeting(now=now)
    versions.retire(name=GREETING.name, number=published.number, **by(now))
    later = make_greeting(now=now)
    assert Message.objects.get(pk=message.pk).template_version == published.pk
    assert Message.objects.get(pk=later.pk).template_version is None
    assert {mail.id: mail.subject for mail in deliver_all(now)} == {message.pk: "Ahoy Anna", later.pk: "Hello Anna"}


def test_kind_is_sent_even_where_its_wording_does_not_fit_any_more(now: datetime) -> None:
    published = publish_wording(GREETING.name, Sources("Ahoy", "Ahoy"), now=now)
    TemplateVersion.objects.filter(pk=published.pk).update(text="{{ name.first }}")
    make_greeting(now=now)
    [mail] = deliver_all(now)
    assert mail.subject == "Hello Anna"


def test_callers_cannot_send_what_the_house_sends(now: datetime) -> None:
    publish_wording(GREETING.name, Sources("Ahoy", "Ahoy"), now=now)
    assert wording.resolve(name=GREETING.name, channel="email") is None
    with pytest.raises(Invalid, match="house's own"):
        versions.make(name="notifications.other", **by(now))


def test_unknown_template_is_not_found(now: datetime) -> None:
    for call in (versions.publish, versions.retire):
        with pytest.raises(NotFound):
            call(name="nothing", number=1, **by(now))


def test_templates_of_one_tenant_are_unknown_to_another(now: datetime) -> None:
    make_template("hello", {}, now=now)
    publish_wording("hello", Sources("S", "T"), now=now)
    assert wording.resolve(name="hello", channel="email", tenant=uuid7()) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_publish_at_once_one_wording_is_left(now: datetime) -> None:
    make_template("hello", {}, now=now)
    drafts = [versions.draft(name="hello", channel="email", sources=Sources("S", "T"), **by(now)) for _ in range(6)]
    numbers = iter([draft.number for draft in drafts])
    races.run(6, lambda: versions.publish(name="hello", number=next(numbers), **by(now)))
    states = list(TemplateVersion.objects.values_list("state", flat=True))
    assert (states.count("published"), states.count("retired")) == (1, 5)


@pytest.mark.parametrize(("given", "kept"), [("DE_at", "de-AT"), ("zh-hant-TW", "zh-Hant-TW"), ("", ""), ("en", "en")])
def test_language_tags_have_one_form(given: str, kept: str) -> None:
    assert languages.canonical(given) == kept
    with pytest.raises(Invalid):
        languages.canonical("not a tag")
