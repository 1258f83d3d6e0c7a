"""A worker that is killed at a step of our choice, and the steps there are.

`python -m tests.resilience.mortal STEP TIMES SECONDS` looks for due mail once, at a time that is
so many seconds ahead, and kills itself in the middle of STEP when it comes there for the TIMES-th
time.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

STEPS = {
    "before it looks": "settle_overdue",
    "before the mail server is asked": "open",
    "before a mail is claimed": "claim",
    "after it is claimed": "compose",
    "before it is handed over": "send",
    "after it was handed over": "sent",
    "after it was settled": "settled",
    "never": "",
}
KINDS = {"once": "at_most_once", "least": "at_least_once"}


def main(step: str, times: int, seconds: int) -> None:
    import django

    django.setup()
    from django.core.mail import EmailMessage
    from django.core.mail.backends.smtp import EmailBackend
    from django.utils import timezone

    from accounts import delivery, outbox
    from accounts.models import OutgoingMail
    from accounts.models.outbox import OutgoingMailQuerySet

    left = times

    def mortal(name: str, do: Callable[..., Any], *, after: bool = False) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            answer = do(*args, **kwargs) if after else None
            if name == STEPS[step]:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return answer if after else do(*args, **kwargs)

        return wrapped

    def compose(mail: OutgoingMail, now: object) -> EmailMessage:
        return EmailMessage("A word", "Your coach wrote.", to=[mail.to])

    for name, promise in KINDS.items():
        declare = outbox.kind(name, delivery=outbox.Delivery(promise), lifetime=timedelta(hours=20))
        declare(mortal("compose", compose))
    rows: Any = OutgoingMailQuerySet
    for verb in ("settle_overdue", "claim"):
        setattr(rows, verb, mortal(verb, getattr(rows, verb)))
        setattr(OutgoingMail.objects.__class__, verb, getattr(rows, verb))
    backend: Any = EmailBackend
    backend.open = mortal("open", backend.open)
    backend.send_messages = mortal("sent", mortal("send", backend.send_messages), after=True)
    model: Any = OutgoingMail
    model.settle = mortal("settled", model.settle, after=True)

    delivery.deliver_due(lambda: timezone.now() + timedelta(seconds=seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
