"""docs/metrics.md: every figure that `/metrics` tells, how Prometheus may read it, and when staff are told by mail."""

from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from config import celery, heartbeats, message_kinds  # noqa: F401 - celery and heartbeats declare figures
from config.documents import markdown
from config.documents.markdown import code
from kit import middleware  # noqa: F401 - declares figures
from kit.metrics import OTHER, PREFIX, Figure, list_declared

INTRODUCTION = f"""\
`GET /metrics` answers in Prometheus' text format: whoever sends `METRICS_TOKEN` as a Bearer token, and whoever calls
from one of `METRICS_ADDRESSES` (behind proxies: as far as `TRUSTED_PROXIES` says). Either is enough. To everybody else,
and to everybody while neither is set, there is no such page (404). A proxy that is listed opens it to nobody behind it:
what it passes on is judged by the address that it names, as far as `TRUSTED_PROXIES` lets that be believed.

```yaml
scrape_configs:
  - job_name: gatehouse
    scheme: https
    authorization:
      credentials_file: /etc/prometheus/gatehouse-token
    static_configs:
      - targets: [accounts.example.com]
```

Where `CELERY_BROKER_URL` names a broker, the processes of one host share what they count in files under
`GATEHOUSE_HOME/metrics`: any web process answers for all of them, workers among them. Give them the same
`GATEHOUSE_HOME`. What a process counted stays in the sums after its end. Hosts are scraped one by one; what is read
from the database (marked with *) is the same on all of them: take the greatest (`max`), not the sum.

A label has one of the values below. Whatever else comes is counted as `{OTHER}`, so that no client can make series
without end, and no figure holds a name, a path or an address."""

ALERTS = """\
## Mails to staff

Every minute the last ten minutes are held against the hour before them. Where refusals or failures of one cause came at
least `ALERTS_LEAST` times, and more than `ALERTS_FACTOR` times as often as in that hour, active members of staff who
hold `audit.view_entry` get a mail, and the audit log an entry (`house.alert.raised`). Of one cause there is one alert
an hour. Workers are told of when two looks in a row have found one silent (`gatehouse_workers{{state="silent"}}`).
`ALERTS_LEAST=0` turns all of it off. The causes:

{causes}

Such a mail takes a worker to send. That none works is told by the front page of the admin and by the figures alone, so
let Prometheus watch that:

```yaml
groups:
  - name: gatehouse
    rules:
      - alert: GatehouseHasNoWorker
        expr: max(gatehouse_worker_heartbeat_seconds) > 120
      - alert: GatehouseMessagesAreLate
        expr: max(gatehouse_outbox_oldest_due_seconds) > 300
      - alert: GatehouseProviderIsDown
        expr: max by (provider) (gatehouse_provider_usable) == 0
        for: 10m
      - alert: GatehouseIsAway
        expr: absent(gatehouse_database_up) or max(gatehouse_database_up) == 0
```"""


def make() -> str:
    """Return the document."""
    rows = [
        [code(figure.name) + ("*" if figure.is_read else ""), figure.kind, _labels(figure), figure.meaning]
        for figure in list_all()
    ]
    figures = markdown.table(("figure", "type", "labels", "meaning"), rows)
    causes = "\n".join(f"- **{cause.title}**: {cause.advice}" for cause in message_kinds.CAUSES.values())
    return markdown.page("Metrics", INTRODUCTION, "## Figures", figures, ALERTS.format(causes=causes))


def list_all() -> list[Figure]:
    """Return the figures of all installed apps, by name; not those that a test may have declared beside them."""
    for app in apps.get_app_configs():
        if app.module is not None and module_has_submodule(app.module, "metrics"):
            import_module(f"{app.name}.metrics")
    return [figure for figure in list_declared() if not figure.name.startswith(f"{PREFIX}tested_")]


def _labels(figure: Figure) -> str:
    return "; ".join(f"{code(label)}: {words_of(figure, label)}" for label in figure.labels) or "none"


def words_of(figure: Figure, label: str) -> str:
    """Return what a label may say, for people."""
    return TOLD.get((figure.name.removeprefix(PREFIX), label)) or ", ".join(figure.words(label))


# What a label says where the code does not list it, or lists too much to read.
TOLD = {
    ("build_info", "version"): "the version",
    ("deliveries_total", "provider"): "names of the providers in use",
    ("delivery_seconds", "provider"): "names of the providers in use",
    ("http_request_seconds", "route"): "patterns of routes, as in `/api/v1/notify/messages/<str:message_id>`",
    ("http_requests_total", "route"): "patterns of routes",
    ("http_requests_total", "status"): "HTTP status",
    ("limits_hit_total", "route"): "names in `LIMITS_BY_ADDRESS`",
    ("provider_breaker", "provider"): "names of the providers in use",
    ("provider_paused_seconds", "provider"): "names of the providers in use",
    ("provider_usable", "provider"): "names of the providers in use",
    ("tasks_total", "task"): "names of tasks",
}
