"""The mails of the program, one function each; composed when they are sent, from ids.

Whatever somebody may not see or does not want any more by then is not sent: None.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts import outbox
from accounts.letters import letter
from accounts.models import OutgoingMail, User
from accounts.outbox import Delivery
from program import calendar
from program.models import EmailInvitation, Encouragement, MailChoice, Nudge
from program.models.invitations import stands
from program.models.mail import MailKind, all_kinds_token, one_kind_token


@outbox.kind("coach_note", delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=48))
def coach_note(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """A coach's note on a day, for whoever has not read it on the page meanwhile."""
    assert mail.user
    notes = Encouragement.objects.owned_by(mail.user).to_be_mailed()
    note = notes.with_coach().filter(pk=mail.payload["encouragement"]).first()
    if note is None:
        return None
    assert note.coach  # who is gone sees nothing
    day = f"{reverse('day_detail', args=[note.day])}"
    return _from_coach(mail.user, note.coach, note.text, path=day)


@outbox.kind("nudge", delivery=Delivery.AT_MOST_ONCE, lifetime=timedelta(hours=6))
def nudge(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """A short word to somebody who is quiet; a day later it would be about another day."""
    assert mail.user
    nudges = Nudge.objects.owned_by(mail.user).to_be_mailed()
    sent = nudges.select_related("coach").filter(pk=mail.payload["nudge"]).first()
    if sent is None:
        return None
    assert sent.coach
    return _from_coach(mail.user, sent.coach, sent.text, path=reverse("today"))


@outbox.kind("invitation", delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=20))
def invitation(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """To somebody who may not have heard of us; one click and they are not asked again."""
    rows = EmailInvitation.objects.filter(
        pk=mail.payload["email_invitation"], sends=mail.payload["sends"], declined_at=None
    )
    invited = rows.select_related("cohort", "invitation__created_by").first()
    if invited is None or not stands(invited.invitation_id, now):
        return None
    token, by = invited.take_token(), invited.invitation.created_by
    decline_url = settings.SITE_URL + reverse("invitation_decline", args=[token])
    words = {
        "coach": by,
        "cohort": invited.cohort,
        "words": invited.words,
        "last_day": calendar.local_date(invited.invitation.expires_at, by.zone),
        "url": settings.SITE_URL + reverse("invitation_join", args=[token]),
    }
    return letter(mail.to, "invitation", words, unsubscribe_url=decline_url)


def _from_coach(to: User, coach: User | None, text: str, *, path: str) -> EmailMessage | None:
    assert coach, "nobody without an account sees anybody"
    kind = MailKind.COACH_NOTE
    if not MailChoice.objects.owned_by(to).of_kinds(kind).wanted().exists():
        return None
    words = {"coach": coach, "text": text, "url": f"{settings.SITE_URL}{path}"}
    return letter(
        to.email, "coach_note", {**words, **links(to)}, unsubscribe_url=stop_url(to, kind)
    )


def stop_url(user: User, kind: str) -> str:
    """Stops mail of this kind, by one click in the mail program or on the page behind it."""
    return settings.SITE_URL + reverse("mail_unsubscribe", args=[one_kind_token(user, kind)])


def links(user: User) -> dict[str, str]:
    """What stands below every mail that somebody chose."""
    path = reverse("mail_choices", args=[all_kinds_token(user)])
    return {"choices_url": f"{settings.SITE_URL}{path}"}
