"""The public page of one person of the demo, and what visitors left on it."""

from datetime import datetime, timedelta

from program.models import Breakthrough, Enrollment, PublicPage, Reply
from program.models.reply_guard import sender_of

WHOSE = "Nora Fields"
# Kind, name, words, and what she made of it.
REPLIES = [
    ("idea", "Pia", "Put a kettle by the saws. People come for a drill and stay.", "shown"),
    ("help", "H. Okonkwo", "I have nine jars of screws and a free Saturday.", "shown"),
    ("cheer", "Mrs. Lind", "I have been waiting for somebody to do this.", "shown"),
    ("idea", "Tomek", "Ask the depot about the small door: nobody uses it.", "waiting"),
    ("count_me_in", "Ruth's brother", "Mowers. I mend mowers.", "waiting"),
]


def create_public_page(now: datetime) -> None:
    enrollment = Enrollment.objects.current().get(participant__display_name=WHOSE)
    page = PublicPage.choose(
        enrollment,
        moments=Breakthrough.objects.of(enrollment).exclude(title=""),
        now=now,
        shown_as=WHOSE,
        **dict.fromkeys(PublicPage.PARTS, True),
    )
    page.publish(now - timedelta(hours=30))
    for hours, (kind, name, words, state) in enumerate(REPLIES, 1):
        reply = Reply.objects.leave(
            page=page,
            sender=sender_of(f"192.0.2.{hours}"),
            kind=kind,
            name=name,
            words=words,
            email="",
            now=now - timedelta(hours=6 - hours),
        )
        if state != "waiting":
            reply.settle(state)
