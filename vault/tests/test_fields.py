"""Encrypted columns: what an instance reads and writes, and every way in which clear text could slip by."""

import json
import pickle
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models, transaction
from django.db.models import F, Value
from django.forms import modelform_factory
from django.forms.models import model_to_dict
from django.test.utils import isolate_apps

from kit.ids import uuid7
from vault import sealing
from vault.fields import EncryptedField, NotSealed, Sealed, everywhere
from vault.testing import OTHER_KEY, root_keys
from vault.tests.papers.models import Cover, Paper

pytestmark = pytest.mark.django_db
TEXT = "attack at dawn"
NEWER = "n1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def make_paper(**fields: Any) -> Paper:
    return Paper.objects.create(**{"text": TEXT, **fields})


def stored(paper: Paper) -> bytes:
    box: Sealed = Paper.objects.values_list("text", flat=True).get(pk=paper.pk)
    return box.box


@pytest.mark.parametrize("text", ["", TEXT, "Grüße 👋 \0 \x1f", "x" * 100_000])
def test_what_was_saved_is_read(text: str) -> None:
    paper = make_paper(text=text)
    assert paper.text == text
    assert Paper.objects.get(pk=paper.pk).text == text
    assert text == "" or text.encode() not in stored(paper)


def test_bytes_and_nothing_are_read_as_such() -> None:
    full, empty = make_paper(stamp=b"\0\xff"), make_paper(stamp=None)
    assert Paper.objects.get(pk=full.pk).stamp == b"\0\xff"
    assert Paper.objects.get(pk=empty.pk).stamp is None
    assert list(Paper.objects.filter(stamp__isnull=True)) == [empty]


def test_default_is_sealed_and_a_relation_may_be_the_row() -> None:
    cover = Cover.objects.create(paper=make_paper())
    assert Cover.objects.get(pk=cover.pk).note == "none"


def test_changed_value_is_read_changed() -> None:
    paper = make_paper()
    paper.text = "at noon"
    paper.save(update_fields=["text"])
    assert Paper.objects.get(pk=paper.pk).text == "at noon"
    paper.refresh_from_db()
    assert paper.text == "at noon"


def test_deferred_value_is_read_when_it_is_asked_for() -> None:
    paper = Paper.objects.only("title").get(pk=make_paper().pk)
    assert paper.get_deferred_fields() == {"text", "stamp"}
    assert paper.text == TEXT
    assert Paper.objects.defer("text").get(pk=paper.pk).text == TEXT


def test_saving_what_was_not_read_leaves_it_alone() -> None:
    paper = make_paper()
    before = stored(paper)
    Paper.objects.only("title").get(pk=paper.pk).save()
    assert stored(paper) == before


def test_many_at_once_are_sealed_each_for_its_row() -> None:
    papers = Paper.objects.bulk_create([Paper(text=f"text {number}") for number in range(20)])
    assert [Paper.objects.get(pk=paper.pk).text for paper in papers] == [f"text {number}" for number in range(20)]
    assert papers[3].text == "text 3"


def test_primary_key_given_as_text_is_the_same_row() -> None:
    key = uuid7()
    Paper(pk=str(key).upper(), text=TEXT).save()
    assert Paper.objects.get(pk=key).text == TEXT


def test_values_are_sealed_and_open_for_their_row_alone() -> None:
    make_paper()
    [row] = Paper.objects.values("pk", "text")
    assert row["text"].open(row["pk"]) == TEXT.encode()
    with pytest.raises(sealing.CannotUnseal):
        row["text"].open(uuid7())


def test_value_moved_to_another_row_or_column_does_not_open() -> None:
    one, two, cover = make_paper(title="one"), make_paper(), Cover.objects.create(paper=make_paper())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE papers_paper SET text = (SELECT text FROM papers_paper WHERE title = 'one')")
        cursor.execute("UPDATE papers_cover SET note = (SELECT text FROM papers_paper WHERE title = 'one')")
    assert Paper.objects.get(pk=one.pk).text == TEXT
    for moved in (Paper.objects.get(pk=two.pk), Cover.objects.get(pk=cover.pk)):
        with pytest.raises(sealing.CannotUnseal):
            moved.text if isinstance(moved, Paper) else moved.note


def test_instance_saved_under_another_key_needs_its_value_anew() -> None:
    paper = Paper.objects.get(pk=make_paper().pk)
    paper.pk, paper._state.adding = uuid7(), True
    with pytest.raises(sealing.CannotUnseal), transaction.atomic():
        paper.save()
    paper.text = TEXT
    paper.save()
    assert (Paper.objects.count(), paper.text) == (2, TEXT)


def test_other_keys_open_nothing() -> None:
    paper = make_paper()
    with root_keys(OTHER_KEY), pytest.raises(sealing.CannotUnseal):
        Paper.objects.get(pk=paper.pk).text  # noqa: B018


def test_saving_a_row_read_before_a_rotation_brings_no_retired_key_back(settings: Any) -> None:
    paper = Paper.objects.get(pk=make_paper().pk)
    with root_keys(f"{OTHER_KEY},{settings.VAULT_KEYS}"):
        paper.save()
        assert sealing.key_id_of(stored(paper)) == "t2"
        assert Paper.objects.get(pk=paper.pk).text == TEXT


@pytest.mark.parametrize("value", [TEXT, TEXT.encode(), 7, Value(TEXT), Value(b"x", models.BinaryField()), F("title")])
def test_update_with_what_nobody_sealed_is_refused(value: Any) -> None:
    paper = make_paper(title=TEXT)
    before = stored(paper)
    with pytest.raises(NotSealed), transaction.atomic():
        Paper.objects.update(text=value)
    assert stored(paper) == before


def test_seal_of_another_label_is_refused() -> None:
    paper = make_paper(stamp=b"x")
    with pytest.raises(NotSealed):
        Paper.objects.update(text=Paper.objects.values_list("stamp", flat=True).get(pk=paper.pk))


def test_bulk_update_is_refused() -> None:
    paper = make_paper()
    paper.text = "at noon"
    with pytest.raises(NotSealed), transaction.atomic():
        Paper.objects.bulk_update([paper], ["text"])
    assert Paper.objects.get(pk=paper.pk).text == TEXT


@pytest.mark.parametrize("value", [b"bytes", 7, ["x"], F("title")])
def test_instance_with_another_type_is_refused(value: Any) -> None:
    with pytest.raises(NotSealed), transaction.atomic():
        make_paper(text=value)
    assert Paper.objects.count() == 0


@isolate_apps("vault.tests.papers")
def test_row_that_is_numbered_by_the_database_is_refused() -> None:
    class Numbered(models.Model):  # noqa: DJ008 - never shown
        text = EncryptedField(label="papers.numbered.text", unique=True)
        other = EncryptedField(label="")

        class Meta:
            app_label = "papers"

    with pytest.raises(NotSealed, match="primary key"):
        Numbered._meta.get_field("text").pre_save(Numbered(text=TEXT), True)
    found = [message.id for message in Numbered.check() if "vault" in str(message.id)]
    assert found == ["vault.E011", "vault.E012", "vault.E010", "vault.E012"]


@pytest.mark.parametrize("lookup", ["text", "text__in", "text__contains", "text__length__gt", "text__startswith"])
def test_nothing_is_looked_up_by_what_is_sealed(lookup: str) -> None:
    with pytest.raises(FieldError):
        Paper.objects.filter(**{lookup: TEXT}).exists()


def test_fixture_holds_the_seal_and_brings_nothing_back() -> None:
    fixture = serializers.serialize("json", [make_paper(stamp=None)])
    assert TEXT not in fixture
    assert json.loads(fixture)[0]["fields"]["stamp"] is None
    with pytest.raises(NotSealed):
        next(serializers.deserialize("json", fixture)).save()


def test_nothing_shows_the_value_by_itself() -> None:
    paper = Paper.objects.get(pk=make_paper(title="orders").pk)
    assert TEXT not in f"{paper!r} {vars(paper)} {model_to_dict(paper)} {Paper.objects.values()} {stored(paper)!r}"
    assert TEXT.encode() not in pickle.dumps(paper)
    assert pickle.loads(pickle.dumps(paper)).text == TEXT  # noqa: S301 - our own
    assert list(modelform_factory(Paper, fields="__all__").base_fields) == ["title"]


def test_cleaning_a_row_leaves_its_value() -> None:
    paper = Paper.objects.get(pk=make_paper().pk)
    paper.full_clean(exclude=["title"])
    paper.save()
    assert Paper.objects.get(pk=paper.pk).text == TEXT


def test_migration_makes_the_same_field_again() -> None:
    column = Paper._meta.get_field("text")
    name, path, args, kwargs = column.deconstruct()
    assert (name, path, args, kwargs) == ("text", "vault.fields.EncryptedField", [], {"label": "papers.paper.text"})
    assert EncryptedField(*args, **kwargs).label == "papers.paper.text"


def test_model_whose_key_is_known_has_nothing_wrong() -> None:
    assert [message.id for message in Paper.check()] == []


def test_every_column_is_found() -> None:
    labels = [column.label for column in everywhere()]
    assert labels == sorted(labels)
    assert {"papers.cover.note", "papers.paper.stamp", "papers.paper.text"} <= set(labels)
