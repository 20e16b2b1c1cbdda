from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "vault.tests.papers"
    label = "papers"
