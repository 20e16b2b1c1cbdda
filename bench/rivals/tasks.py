"""Plain Celery: one task for each mail, which calls Django's `send_mail`, acknowledged late, so that none is lost.

RIVAL=celery … celery -A bench.rivals.tasks worker
"""

import os

import django
from celery import Celery
from django.core.mail import send_mail

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.rivals.settings")
django.setup()

app = Celery("rival", broker=os.environ["CELERY_BROKER_URL"])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, task_ignore_result=True)


@app.task(name="rival.mail")
def mail(number: int) -> None:
    """Send one mail."""
    send_mail(f"Message {number}", "Under measure.", None, [f"r{number}@example.org"])
