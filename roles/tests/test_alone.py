"""Roles stand on the floors below alone."""

import sys

from django.apps import apps


def test_neither_people_nor_factors_nor_messages_are_installed_or_loaded() -> None:
    installed = {config.name.partition(".")[0] for config in apps.get_app_configs()}
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not (installed | loaded) & {"accounts", "mfa", "notifications"}
