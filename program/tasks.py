"""What the worker does for the program of itself. A task is a call: models and emails do it."""

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Scan
from accounts.tasks import AGAIN
from program.archive import background
from program.models import reminders, retention


@app.periodic(cron="* * * * *")
@app.task(retry=AGAIN)
def scan_reminders(timestamp: int) -> None:
    now = timezone.now()
    reminders.queue_due(now)
    Scan.note("reminders", now)


@app.periodic(cron="41 * * * *")
@app.task(retry=AGAIN)
def repair_reminders(timestamp: int) -> None:
    reminders.repair(timezone.now())


# Woken by whoever asks for one; the scan finds what a killed worker left.
@app.periodic(cron="* * * * *")
@app.task(retry=AGAIN)
def scan_exports(timestamp: int) -> None:
    background.put_together(timezone.now)


@app.periodic(cron="23 * * * *")
@app.task(retry=AGAIN)
def forget_archives(timestamp: int) -> None:
    retention.forget_archives(timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(retry=AGAIN)
def prune(timestamp: int) -> None:
    retention.prune(timezone.now())
