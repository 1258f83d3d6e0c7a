"""Large archives, put together while nobody waits in front of a page."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import OutgoingMail
from program.archive.writing import build
from program.models import Export

READY = "export_ready"

_log = logging.getLogger(__name__)


def put_together(clock: Callable[[], datetime]) -> int:
    """All that were asked for and that no other process has in hand; how many are ready now.

    One that fails is tried again when its lease is over, and does not keep the others waiting.
    """
    done = 0
    for pk in (
        Export.objects.open(clock()).order_by("created_at", "pk").values_list("pk", flat=True)
    ):
        export = Export.objects.claim(pk, clock())
        if export is None:
            continue
        try:
            done += _put_together(export, clock)
        except Exception:
            # Of the words in it nothing is said: only which.
            _log.exception("The archive %s could not be put together.", pk)
    return done


def _put_together(export: Export, clock: Callable[[], datetime]) -> bool:
    content = build(export.user, clock())
    now = clock()
    with transaction.atomic():
        if not export.finish(content, now):
            return False
        # No link that opens it: who reads the mail logs in.
        key = f"{READY}:{export.pk}:{export.created_at.isoformat()}"
        OutgoingMail.objects.put(READY, key=key, to=export.user, now=now)
    return True
