from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "roles.tests.people"
    label = "people"
