"""What all mails have in common, whatever they are about."""

import re
from typing import Any

import pytest

from config.environment import BASE_DIR
from notifications.kinds import Content
from notifications.rendering import render
from notifications.wording import Rendered

pytestmark = [pytest.mark.any_database, pytest.mark.django_db]

MAILS = sorted(
    str(path.relative_to(folder)).removesuffix(".subject.txt")
    for folder in BASE_DIR.glob("*/templates")
    for path in folder.glob("*/messages/*.subject.txt")
)
WORDS: list[dict[str, Any]] = [{}, {"name": "Anna", "calm": True, "change": True, "link": "https://a.example"}]
FOOTER = "Nobody will ask you for your password or for a code by mail."


def written(name: str) -> list[Rendered]:
    """Return a mail as it reads with little to say, and with more."""
    return [render(Content(context=words), template=name) for words in WORDS]


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_says_at_its_end_what_nobody_asks_for_as_text_and_as_html(name: str) -> None:
    for mail in written(name):
        assert mail.text.endswith(f"\n\n-- \nSent by Gatehouse. {FOOTER}\n")
        assert "\n\n\n--" not in mail.text
        assert FOOTER in mail.html


@pytest.mark.parametrize("name", MAILS)
def test_the_sentence_after_the_greeting_begins_with_a_capital(name: str) -> None:
    for mail in written(name):
        assert not re.search(r"Hello[^\n]*,\n\n[a-z]", mail.text)
        assert not re.search(r"Hello[^\n]*,</p>\s*<p>\s*[a-z]", mail.html)
