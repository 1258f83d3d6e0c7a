"""Three questions of machines: does the process answer, can it serve, does the mail go out?

Nobody is told more than yes (200) or no (503); `manage.py doctor` and /staff/ say why.
"""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import OutgoingMail
from breakthrough.http import HttpRequest


@require_safe
@never_cache
@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    return _answer(True)


@require_safe
@never_cache
@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, its tables are those of this code, and the cache table is there."""
    try:
        cache.get("health")
        is_ready = _is_migrated()
    except DatabaseError:
        is_ready = False
    return _answer(is_ready)


@require_safe
@never_cache
@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """A worker has looked for mail just now, and none that is due has waited long."""
    return _answer(OutgoingMail.objects.lamp(request.now).is_lit(request.now))


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _answer(is_well: bool) -> HttpResponse:
    status, words = (200, "ok\n") if is_well else (503, "not ok\n")
    return HttpResponse(words, status=status, content_type="text/plain")
