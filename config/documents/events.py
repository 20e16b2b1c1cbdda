"""docs/events.md: every type of entry in the audit log."""

from importlib import import_module
from itertools import groupby

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from audit.vocabulary import EventType
from config.documents import markdown
from config.documents.markdown import code

INTRODUCTION = """\
Each entry of the audit log is of one of these types, named `<app>.<noun>.<past participle>`. Besides the details below,
every entry holds its time, its outcome (`done` or `refused`), who acted (a person, a command, the product itself or a
stranger), what was acted upon and the id of the request. Network address, user agent and a name that was tried lie in a
side table that can be emptied without breaking the log's proof. No detail ever holds a password, a token or a code.

Of the same refusal from the same source, 20 a minute are written one by one. The rest are counted, and one further
entry of the type tells how many: `repeated`, with `first_at` and `last_at`."""


def make() -> str:
    """Return the document."""
    parts = []
    for namespace, events in groupby(list_declared(), key=lambda event: event.name.partition(".")[0]):
        rows = [[code(event.name), event.meaning, code(*sorted(event.fields))] for event in events]
        parts += [f"## {namespace}", markdown.table(("type", "meaning", "details"), rows)]
    return markdown.page("Events", INTRODUCTION, *parts)


def list_declared() -> list[EventType]:
    """Return the event types of all installed apps, by name; not those that a test may have declared beside them."""
    modules = [
        import_module(f"{app.name}.event_types")
        for app in apps.get_app_configs()
        if app.module is not None and module_has_submodule(app.module, "event_types")
    ]
    found = {one.name: one for module in modules for one in vars(module).values() if isinstance(one, EventType)}
    return [found[name] for name in sorted(found)]
