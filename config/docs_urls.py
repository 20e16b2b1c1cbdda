"""Addresses of the published schema and the pages to read and try it."""

from django.urls import path

from config import docs

urlpatterns = [
    path("schema", docs.Schema.as_view(), name="schema"),
    path("docs", docs.Docs.as_view(), name="docs"),
]
