"""What holds of every table of the house."""

import pytest
from django.apps import apps
from django.db.models import Model

from config.tests.test_architecture import PACKAGES

MODELS = [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_every_row_says_in_words_of_its_own_what_it_is(model: type[Model]) -> None:
    row = model()
    assert str(row) != Model.__str__(row)
