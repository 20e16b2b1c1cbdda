"""Columns whose values the database never sees: sealed under the keyring, each bound to its label and its row.

    class TotpDevice(models.Model):
        id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
        secret = EncryptedField(label="mfa.totp.key")

    device = TotpDevice.objects.create(secret="JBSWY3DPEHPK3PXP")
    device.secret                                   # "JBSWY3DPEHPK3PXP", opened when it is read

- The label is given, not made from the names of model and field: a rename must not shut what was sealed before. It is
  never changed and never used again for another column.
- The row is the primary key, so it must be known before the row is saved (`kit.ids.uuid7`; a number from the database
  is refused). A value copied to another row, column or database with other keys raises `sealing.CannotUnseal`.
- What is written is always a new seal under the active key, so saving a row that was read before a rotation brings no
  retired key back.
- `values()` gives a `Sealed`, which opens for whoever names the row. Nothing in clear leaves by forms, `dumpdata`,
  `repr` or the admin, and nothing enters but by an instance: `update()` and `bulk_update()` with a plain value and
  `loaddata` raise `NotSealed`. No lookup but `isnull` exists. What must be found keeps a digest beside it, in a
  `CharField(max_length=64)` made by `digests.keyed(<label>, <canonical text>)`.
- A column is added to a table that has rows with `null=True`: there is no default to seal.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.apps import apps
from django.apps.registry import Apps
from django.core import checks
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields import AutoFieldMixin
from django.db.models.lookups import IsNull, Lookup
from django.db.models.query_utils import DeferredAttribute

from vault import sealing

if TYPE_CHECKING:
    _AnyField = models.Field[Any, Any]
    _AnyLookup = Lookup[Any]
else:  # Django's own classes take no parameters
    _AnyField, _AnyLookup = models.Field, Lookup


class NotSealed(TypeError):
    """A value would have been written that is not sealed for its row. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the column holds: opens for whoever names the row, and shows nothing."""

    box: bytes = field(repr=False)
    label: str

    def open(self, row: object) -> bytes:
        """Return the value of the row with this primary key. Raises `sealing.CannotUnseal`."""
        return sealing.unseal(self.box, label=self.label, row=str(row))


class Opening(DeferredAttribute):
    """The attribute of an instance: holds what was read or assigned, and opens what was read each time it is asked."""

    field: "EncryptedField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the value in clear. Raises `sealing.CannotUnseal`."""
        held = super().__get__(instance, cls)
        return self.field.opened(held, instance) if isinstance(held, Sealed) else held

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class Under(_AnyLookup):
    """Sealed under the root key of this id: what rotation looks for."""

    lookup_name = "under"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compare the first bytes."""
        lhs, params = self.process_lhs(compiler, connection)
        header = sealing.header(self.rhs)
        return f"SUBSTR({lhs}, 1, {len(header)}) = %s", [*params, connection.Database.Binary(header)]


class Same(_AnyLookup):
    """Exactly this `Sealed`: what rotation compares before it sets."""

    lookup_name = "same"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Compare the bytes."""
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} = %s", [*params, connection.Database.Binary(self.rhs.box)]


class EncryptedField(_AnyField):
    """A text, sealed. `label` names this column for good."""

    description = "Sealed text"
    empty_strings_allowed = False
    descriptor_class = Opening
    lookups: ClassVar[dict[str, type[_AnyLookup]]] = {"isnull": IsNull, "under": Under, "same": Same}
    kind: ClassVar[type] = str

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        self.label = label
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Return how to make this field again."""
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, {**kwargs, "label": self.label}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Return what would leave the value unsealed, unbound or useless."""
        return [*super().check(**kwargs), *self._check_options(), *self._check_row()]

    def get_internal_type(self) -> str:
        """Return the type of column: bytes."""
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> type[_AnyLookup] | None:
        """Return no lookup that would compare what is sealed with what is not."""
        return self.lookups.get(lookup_name)

    def get_transform(self, lookup_name: str) -> None:
        """Return none: what is sealed has no parts."""

    def from_db_value(self, value: bytes | memoryview | None, *_: Any) -> Sealed | None:
        """Return what was read, unopened: only its row can open it."""
        return None if value is None else Sealed(bytes(value), self.label)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        """Seal what the instance holds for its row, under the active key. Raises `NotSealed`, `CannotUnseal`."""
        value = getattr(model_instance, self.attname)
        sealed = None if value is None else self._sealed(value, model_instance)
        setattr(model_instance, self.attname, sealed)
        return sealed

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Return the bytes of a `Sealed` of this label. Anything else raises `NotSealed`."""
        if value is None:
            return None
        if not isinstance(value, Sealed) or value.label != self.label:
            raise NotSealed(f"{self} is written by an instance alone: assign the value and save.")
        return cast("Any", connection).Database.Binary(value.box)

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """As `get_db_prep_value`: expressions are refused like any other value that nobody sealed."""
        return self.get_db_prep_value(value, connection)

    def value_from_object(self, obj: models.Model) -> Sealed | None:
        """Return the value sealed: forms, serializers and whatever else walks the fields see no more."""
        value = getattr(obj, self.attname)
        return None if value is None else self._sealed(value, obj)

    def value_to_string(self, obj: models.Model) -> str:
        """Return the sealed value in base64, as `dumpdata` shows it."""
        sealed = self.value_from_object(obj)
        return base64.b64encode(sealed.box).decode() if sealed else ""

    def opened(self, sealed: Sealed, instance: models.Model) -> Any:
        """Return in clear what an instance holds sealed. Raises `sealing.CannotUnseal`."""
        return sealed.open(self._row(instance)).decode()

    def plain(self, value: Any) -> bytes:
        """Return the bytes of a value."""
        return bytes(value.encode())

    def _sealed(self, value: Any, instance: models.Model) -> Sealed:
        if not isinstance(value, self.kind):
            raise NotSealed(f"{self} takes {self.kind.__name__}.")
        return Sealed(sealing.seal(self.plain(value), label=self.label, row=self._row(instance)), self.label)

    def _row(self, instance: models.Model) -> str:
        key = instance._meta.pk.to_python(instance.pk)
        if key is None:
            raise NotSealed(f"{self} is bound to its row: the primary key must be known first.")
        return str(key)

    def _check_options(self) -> Iterator[checks.CheckMessage]:
        if not self.label:
            yield checks.Error("An encrypted field needs a label.", obj=self, id="vault.E010")
        options: Any = self
        if options.unique or options.db_index or options.has_db_default():
            told = "An encrypted field cannot be unique, indexed, a key, or have a default in the database."
            yield checks.Error(told, hint="Keep a digest beside it (vault.digests).", obj=self, id="vault.E011")

    def _check_row(self) -> Iterator[checks.CheckMessage]:
        key: Any = self.model._meta.pk
        if isinstance(key, AutoFieldMixin) or key.has_db_default():
            told = "An encrypted field needs a primary key that is known before the row is saved."
            yield checks.Error(told, hint="default=kit.ids.uuid7", obj=self, id="vault.E012")


class EncryptedBytesField(EncryptedField):
    """Bytes, sealed. Otherwise as `EncryptedField`."""

    description = "Sealed bytes"
    kind = bytes

    def opened(self, sealed: Sealed, instance: models.Model) -> Any:
        """Return in clear what an instance holds sealed. Raises `sealing.CannotUnseal`."""
        return sealed.open(self._row(instance))

    def plain(self, value: Any) -> bytes:
        """Return the value."""
        return bytes(value)


def everywhere(registry: Apps = apps) -> list[EncryptedField]:
    """Return every encrypted column there is, by label: what a rotation goes through."""
    columns = (
        column
        for model in registry.get_models(include_auto_created=True)
        if not model._meta.proxy
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedField)
    )
    return sorted(columns, key=lambda column: column.label)
