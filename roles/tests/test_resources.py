import pytest

from kit.errors import Invalid
from roles import resources
from roles.tests.people.models import Person


@pytest.mark.parametrize("text", ["project:12", "app.model:0190-ab", "a:b:c", "org:7/8", "x:" + "y" * 198, ""])
def test_well_formed_resource_is_itself(text: str) -> None:
    assert resources.parse(text) == text


@pytest.mark.parametrize(
    "text",
    ["project", ":12", "project:", "project: 12", "project:1\n", "pro ject:1", "project:\x00", "x:" + "y" * 199, "p:é"],
)
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        resources.parse(text)
    assert caught.value.field == "resource"


def test_row_of_a_model_is_a_resource() -> None:
    person = Person(email="a@example.com")
    assert resources.of(person) == f"people.person:{person.pk}"


def test_nothing_is_everywhere_and_a_strange_object_is_no_resource() -> None:
    assert resources.of(None) == ""
    assert [resources.of(thing) for thing in ("", "no type", 7, ["a:1"])] == [None] * 4
