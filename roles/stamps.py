"""The stamp that dates a person's permissions: while it stands, a set loaded under it is the truth.

A stamp is random and never counts up. A counter that is raised, read and rolled back comes round again with other
content behind it; a random value never does, nor after a restored backup.
"""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Expression, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from roles.models import HouseStamp, PersonStamp

HOUSE_ROW = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamp:
    """What dates an answer: `grants` a person's set, `house` roles and vocabulary, `tree` the order of resources."""

    grants: str
    house: str
    tree: str


def of_user(user_id_ref: str) -> dict[str, Expression]:
    """Return the annotation `permission_stamp` for a query that has the person's id at `user_id_ref`.

    It costs the query two reads by primary key and no statement of its own.
    """
    text = CharField()
    none, dot = Value("", output_field=text), Value(".", output_field=text)
    row = HouseStamp.objects.filter(id=HOUSE_ROW)
    house = row.annotate(both=Concat("tree", dot, "value", output_field=text)).values("both")
    person = PersonStamp.objects.filter(user=OuterRef(user_id_ref)).values("value")
    stamp = Concat(Coalesce(Subquery(house), dot), dot, Coalesce(Subquery(person), none), output_field=text)
    return {"permission_stamp": stamp}


def find(user: Any) -> Stamp | None:
    """Return the stamp of a person: the one that came with the request, or as it stands in the database now.

    The second costs a statement. None: there is no such person.
    """
    text = getattr(user, "permission_stamp", None) or read(user.pk)
    if text is None:
        return None
    tree, _, grants = text.partition(".")
    return Stamp(grants=grants, house=grants.partition(".")[0], tree=tree)


def read(user_id: Any) -> str | None:
    """Return the present stamp of a person who did not come with a request, in one statement; None: no such person."""
    people = (
        get_user_model()._base_manager.filter(pk=user_id).annotate(permission_stamp=of_user("pk")["permission_stamp"])
    )
    found: str | None = people.values_list("permission_stamp", flat=True).first()
    return found


def lock(*, now: dt.datetime) -> None:
    """Let no other change of roles or grants pass until the caller's transaction ends. Readers never wait.

    One lock for the whole house: the guards read other people's grants, and with a single writer what they read
    stays true until commit, with no order of locks to get wrong. An upsert, since it locks on both databases.
    """
    row = HouseStamp(id=HOUSE_ROW, locked_at=now)
    HouseStamp.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["locked_at"])


def renew_house() -> None:
    """Date the vocabulary, every role and all that groups were given anew: everybody's set is loaded again.

    One row whatever the number of people. Call it under `lock`, before the change itself.
    """
    HouseStamp.objects.filter(id=HOUSE_ROW).update(value=_fresh())


def renew_tree() -> None:
    """Date the order of resources anew. Call it under `lock`, before the change itself."""
    HouseStamp.objects.filter(id=HOUSE_ROW).update(tree=_fresh())


def renew_person(user_id: Any) -> None:
    """Date one person's grants anew. Call it before the change itself, in its transaction.

    Before, not after: a set loaded by this very transaction in between is then kept under a stamp that nobody else
    ever reads if the transaction is rolled back.
    """
    row = PersonStamp(user_id=user_id, value=_fresh())
    PersonStamp.objects.bulk_create([row], update_conflicts=True, unique_fields=["user"], update_fields=["value"])


def _fresh() -> str:
    return secrets.token_urlsafe(12)
