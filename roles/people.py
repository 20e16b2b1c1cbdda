"""The person whom a question or a change names by id. Whoever asks has shown before that they may know of her."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser

from kit.errors import Invalid
from roles import stamps


class UnknownPerson(Invalid):
    """Nobody has this id."""

    def __init__(self, field: str = "user") -> None:
        super().__init__(field, "There is no such person.", "unknown_user")


def find(user_id: UUID, *, field: str = "user") -> AbstractBaseUser:
    """Return a person with her stamp, in one statement. Raises `UnknownPerson` on the field."""
    people = get_user_model()._base_manager.annotate(**stamps.of_user("pk"))
    found: AbstractBaseUser | None = people.filter(pk=user_id).first()
    if found is None:
        raise UnknownPerson(field)
    return found


def find_all(user_ids: Iterable[UUID]) -> Mapping[UUID, AbstractBaseUser]:
    """Return those of several people that there are, with their stamps, by id; in one statement, none for no id."""
    wanted = set(user_ids)
    people = get_user_model()._base_manager.annotate(**stamps.of_user("pk"))
    return {person.pk: person for person in people.filter(pk__in=wanted)} if wanted else {}


def require(user: AbstractBaseUser) -> None:
    """Raise `UnknownPerson` for one who has been erased meanwhile; under the lock, so that she stays till the end."""
    if not get_user_model()._base_manager.filter(pk=user.pk).exists():
        raise UnknownPerson
