"""Every message of the house as staff would reword it: its files become a wording, which says the same."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from notifications import kinds, rendering
from notifications.channels import Channel
from notifications.kinds import Content, Kind
from notifications.models import Template
from notifications.wording import defaults, engine, markup, versions

pytestmark = pytest.mark.django_db
KINDS = kinds.list_declared()


def by_name(kind: Kind) -> str:
    return kind.name


def above_footer(text: str) -> str:
    return words(text.split("\n-- \n", maxsplit=1)[0]).strip()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("kind", KINDS, ids=by_name)
def test_files_as_a_wording_say_what_the_files_say(kind: Kind) -> None:
    template = Template(name=kind.name)
    said = versions.try_out(template, channel=kind.channel, sources=defaults.sources_of(kind), locale="en")
    render = rendering.render if kind.channel == Channel.EMAIL else rendering.render_text
    with translation.override(settings.LANGUAGE_CODE):
        filed = render(Content(context=kind.sample), template=kind.template)
    assert (said.subject, above_footer(said.text)) == (filed.subject, above_footer(filed.text))
    assert text_of_card(said.html) == text_of_card(filed.html)


def text_of_card(html: str) -> Any:
    """Return what the middle of a mail says; the footer of a wording is always the layout's."""
    card = re.search(r'<td class="card".*?>(.*)</td></tr>\s*<tr><td class="foot', html, re.DOTALL)
    return words(markup.as_text(card[1])) if card else ""


@pytest.mark.parametrize("kind", KINDS, ids=by_name)
def test_sample_names_all_that_the_files_use(kind: Kind) -> None:
    sources = defaults.sources_of(kind)
    for source in (sources.subject, sources.text, sources.html):
        assert engine.compiled(source).names - engine.ALWAYS <= kind.sample.keys()
