"""The mails of the program, one function each; composed when they are sent, from ids.

Whatever somebody may not see or does not want any more by then is not sent: None. A reminder is
read on locked screens, so that it holds nothing of what somebody put down: numbers, and words of
ours.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.letters import letter
from accounts.models import OutgoingMail, User
from accounts.outbox import Delivery
from program import calendar, prompts, schedule
from program.curriculum import PRACTICES, REQUESTS_PER_WEEK, STONES_PER_DAY, STONES_PER_PRACTICE
from program.models import (
    DailyEntry,
    EmailInvitation,
    Encouragement,
    Enrollment,
    Export,
    MailChoice,
    MailKind,
    Nudge,
)
from program.models.digest import News, news
from program.models.invitations import stands
from program.models.mail import all_kinds_token, one_kind_token
from program.models.reminders import still_due
from program.models.steps import requests_in_week
from program.models.stones import stones
from program.progress_words import fact_words

NOON_HOUR, EVENING_HOUR = 12, 18
# Of each cohort; the table has them all.
DIGEST_ROWS = 12


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


@outbox.kind("export_ready", delivery=Delivery.AT_LEAST_ONCE, lifetime=timedelta(hours=23))
def export_ready(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """That the archive can be fetched; the link leads to the page, and opens it for nobody else."""
    assert mail.user
    if not Export.objects.owned_by(mail.user).standing(now).ready().exists():
        return None
    url = settings.SITE_URL + reverse("export_detail")
    return letter(mail.user.email, "export_ready", {"url": url})


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


@outbox.kind("morning", delivery=Delivery.AT_MOST_ONCE, lifetime=schedule.GOOD_FOR["morning"])
def morning(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """What today holds, and the day's prompt."""
    return _reminder(mail, now)


@outbox.kind("evening", delivery=Delivery.AT_MOST_ONCE, lifetime=schedule.GOOD_FOR["evening"])
def evening(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """What is still open today."""
    return _reminder(mail, now)


@outbox.kind(
    "coach_digest", delivery=Delivery.AT_MOST_ONCE, lifetime=schedule.GOOD_FOR["coach_digest"]
)
def coach_digest(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """Who might like a word, and how many days wait for an answer: names and counts."""
    coach, kind = mail.user, MailKind.COACH_DIGEST
    assert coach
    choices = MailChoice.objects.owned_by(coach).of_kinds(kind).wanted().select_related("user")
    choice = choices.first()
    found = news(coach, now) if choice and coach.is_active else []
    if choice is None or not found:
        return None
    words = {
        "day": date.fromisoformat(mail.payload["day"]),
        "cohorts": [_of_cohort(of_cohort) for of_cohort in found],
        "in_need": sum(len(of_cohort.in_need) for of_cohort in found),
        "waiting": sum(of_cohort.waiting for of_cohort in found),
        "asked_at": choice.at,
        "place": _place(choice),
        "change": "mail_update",
        "stop": one_kind_token(coach, kind),
        "choose": all_kinds_token(coach),
    }
    return letter(mail.to, "coach_digest", words, unsubscribe_url=stop_url(coach, kind))


@outbox.kind(
    "later_questions",
    delivery=Delivery.AT_MOST_ONCE,
    lifetime=schedule.GOOD_FOR["later_questions"],
)
def later_questions(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    """What came of two weeks, a good while after; it asks, and says nothing of them."""
    user, kind = mail.user, MailKind.LATER_QUESTIONS
    assert user
    wanted = MailChoice.objects.owned_by(user).of_kinds(kind).wanted().exists()
    weeks = Enrollment.objects.owned_by(user).current().numbered(mail.payload["enrollment"])
    enrollment = weeks.with_pauses().first()
    day = date.fromisoformat(mail.payload["day"])
    if not wanted or not user.is_active or enrollment is None or day not in enrollment.later_dates:
        return None
    words = {
        "days": calendar.LATER[enrollment.later_dates.index(day)],
        "url": f"{settings.SITE_URL}{reverse('finish_detail')}#later",
        "change": "mail_update",
        "stop": one_kind_token(user, kind),
        "choose": all_kinds_token(user),
    }
    return letter(user.email, "later_questions", words, unsubscribe_url=stop_url(user, kind))


def _of_cohort(found: News) -> dict[str, Any]:
    rows = [{"member": member, "facts": fact_words(member)} for member in found.in_need]
    return {
        "cohort": found.cohort,
        "rows": rows[:DIGEST_ROWS],
        "more": len(rows[DIGEST_ROWS:]),
        "waiting": found.waiting,
    }


def _reminder(mail: OutgoingMail, now: datetime) -> EmailMessage | None:
    enrollments = Enrollment.objects.numbered(mail.payload["enrollment"]).with_pauses()
    enrollment = enrollments.select_related("participant").first()
    day = date.fromisoformat(mail.payload["day"])
    choice = still_due(mail.kind, enrollment, day, now) if enrollment else None
    if enrollment is None or choice is None:
        return None
    context = _day(enrollment, day)
    if not context["open"]:
        return None  # who is done is left alone
    user = enrollment.participant
    words = {
        **context,
        "is_evening": mail.kind == MailKind.EVENING,
        "greeting": _greeting(user, now),
        "asked_at": choice.at,
        "place": _place(choice),
        "change": "reminder_update",
        "stop": one_kind_token(user, mail.kind),
        "choose": all_kinds_token(user),
    }
    return letter(mail.to, "reminder", words, unsubscribe_url=stop_url(user, mail.kind))


def _day(enrollment: Enrollment, day: date) -> dict[str, Any]:
    counts = DailyEntry.objects.of(enrollment).counts()
    of_day = counts.get(day, {})
    number = enrollment.dates.index(day) + 1
    requests = requests_in_week(enrollment.dates, number, counts)
    practices = []
    for practice in PRACTICES:
        placed = min(STONES_PER_PRACTICE, of_day.get(practice.key, 0))
        practices.append(
            {
                "name": practice.name,
                "task": practice.task,
                "open": STONES_PER_PRACTICE - placed,
                "stones": [place < placed for place in range(STONES_PER_PRACTICE)],
            }
        )
    return {
        "day": day,
        "number": number,
        "prompt": prompts.day(number).prompt,
        "practices": practices,
        "open": STONES_PER_DAY - stones(of_day),
        "all": STONES_PER_DAY,
        "requests": requests,
        "requests_missing": max(0, REQUESTS_PER_WEEK - requests),
    }


def _greeting(user: User, now: datetime) -> str:
    hour = timezone.make_naive(now, user.zone).hour
    name = {"name": user.display_name}
    if hour < NOON_HOUR:
        return _("Good morning, %(name)s.") % name if user.display_name else _("Good morning.")
    if hour < EVENING_HOUR:
        return _("Hello, %(name)s.") % name if user.display_name else _("Hello.")
    return _("Good evening, %(name)s.") % name if user.display_name else _("Good evening.")


def _place(choice: MailChoice) -> str:
    """As "Stockholm" of Europe/Stockholm."""
    return choice.user.time_zone.rpartition("/")[2].replace("_", " ")
