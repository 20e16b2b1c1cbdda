"""What the admin shows of Django's own: no groups, since roles are what gives permissions here."""

from django.contrib import admin
from django.contrib.auth.models import Group

admin.site.unregister(Group)
