"""What the worker does of itself. A task is a call: the rows say what there is to do."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext

from accounts import delivery

# A database that is away comes back; what a task has not done then, the next scan does.
AGAIN = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(retry=AGAIN)
def deliver(mail: int) -> None:
    delivery.deliver(mail, timezone.now())


@app.periodic(cron="* * * * * */30")
@app.task(retry=AGAIN)
def scan_mail(timestamp: int) -> None:
    delivery.deliver_due(timezone.now)


@app.periodic(cron="*/10 * * * *")
@app.task(retry=AGAIN, pass_context=True)
async def sweep_jobs(context: JobContext, timestamp: int) -> None:
    """Queue again what a killed worker left in hand, and forget what was done a day ago."""
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)
    await jobs.delete_old_jobs(nb_hours=24, include_failed=True, include_aborted=True)
