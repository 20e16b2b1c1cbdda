"""A Django project that sends mail and nothing else: with plain Celery, or with django-post-office."""

import os

SECRET_KEY = "-"  # noqa: S105 - opens nothing
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", *(["post_office"] if os.environ["RIVAL"] == "post_office" else [])]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["RIVAL_DATABASE"],
        "USER": os.environ["RIVAL_USER"],
        "PASSWORD": os.environ.get("RIVAL_PASSWORD", ""),
        "HOST": os.environ["RIVAL_HOST"],
        "PORT": os.environ.get("RIVAL_PORT", ""),
    }
}
EMAIL_HOST = "127.0.0.1"
EMAIL_PORT = int(os.environ["EMAIL_PORT"])
DEFAULT_FROM_EMAIL = "house@example.org"
EMAIL_BACKEND = (
    "post_office.EmailBackend"
    if os.environ["RIVAL"] == "post_office"
    else "django.core.mail.backends.smtp.EmailBackend"
)
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
