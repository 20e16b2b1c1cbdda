"""Roles with the floors below and a person of its own: accounts and notifications are not there."""

from kit.testing.settings import ADMIN_APPS, settings_for

globals().update(
    settings_for(
        *ADMIN_APPS,
        "rest_framework",
        "vault",
        "audit",
        "roles",
        "roles.tests.people",
        AUTH_USER_MODEL="people.Person",
        AUTHENTICATION_BACKENDS=["roles.backends.RoleBackend", "roles.tests.people.doors.SessionBackend"],
        ROLES_VOCABULARIES=("roles.permissions", "audit.permissions", "roles.tests.people.permissions"),
        ROOT_URLCONF="roles.tests.urls",
        STATIC_URL="/static/",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": ["roles.tests.people.doors.HeaderAuthentication"],
            "DEFAULT_PERMISSION_CLASSES": ["kit.permissions.DenyAll"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_PARSER_CLASSES": ["kit.parsers.StrictJSONParser"],
            "EXCEPTION_HANDLER": "kit.problems.exception_handler",
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
            "TEST_REQUEST_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
    )
)
