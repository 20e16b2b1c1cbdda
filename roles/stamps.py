"""The stamp that dates a person's permissions: while it stands, a set loaded under it is the truth.

A stamp is random and never counts up. A counter that is raised, read and rolled back comes round again with other
content behind it; a random value never does, nor after a restored backup.
"""

import datetime as dt
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import CharField, Expression, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from roles.models import HouseStamp, PersonStamp

HOUSE_ROW = 1


def of_user(user_id_ref: str) -> dict[str, Expression]:
    """Return the annotation `permission_stamp` for a query that has the person's id at `user_id_ref`.

    It costs the query two reads by primary key and no statement of its own.
    """
    text = CharField()
    house = HouseStamp.objects.filter(id=HOUSE_ROW).values("value")
    person = PersonStamp.objects.filter(user=OuterRef(user_id_ref)).values("value")
    none, dot = Value("", output_field=text), Value(".", output_field=text)
    stamp = Concat(Coalesce(Subquery(house), none), dot, Coalesce(Subquery(person), none), output_field=text)
    return {"permission_stamp": stamp}


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
    """Date every role anew: sets of all people are loaded again. Call it under `lock`, before the change itself."""
    HouseStamp.objects.filter(id=HOUSE_ROW).update(value=_fresh())


def renew_person(user_id: Any) -> None:
    """Date one person's grants anew. Call it before the change itself, in its transaction.

    Before, not after: a set loaded by this very transaction in between is then kept under a stamp that nobody else
    ever reads if the transaction is rolled back.
    """
    row = PersonStamp(user_id=user_id, value=_fresh())
    PersonStamp.objects.bulk_create([row], update_conflicts=True, unique_fields=["user"], update_fields=["value"])


def _fresh() -> str:
    return secrets.token_urlsafe(12)
