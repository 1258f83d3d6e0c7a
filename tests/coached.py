"""Every write that passes between a coach and those whom they coach, and a cohort to post it at."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from accounts.models import OutgoingMail, User
from program.models import (
    CoachNote,
    Cohort,
    CohortMembership,
    DailyEntry,
    EmailInvitation,
    Encouragement,
    Enrollment,
    Invitation,
    MembersSee,
    Reflection,
)
from tests.factories import (
    NOON,
    make_cohort,
    make_comment,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_post,
    make_reflection,
    make_user,
)
from tests.posting import TODAY
from tests.writes import FRESH, World, Write

STARTS_ON, YESTERDAY = date(2027, 3, 8), date(2027, 3, 15)


@dataclass(frozen=True)
class Place:
    """A cohort with two coaches and two members, and a row of all that is said in it."""

    cohort: Cohort
    coach: User
    second: User
    member: User
    other: User
    enrollment: Enrollment
    ids: Mapping[str, str]

    def world_of(self, user: User) -> World:
        return World(user, self.enrollment, self.ids)


_COHORT = {
    "name": "Somebody's people",
    "welcome": "Come in",
    "start": "each",
    "starts_on": "",
    "late_joiners": "cohort",
    "members_see": "1",
}
_NOTE = "/coaching/{cohort}/people/{weeks}/notes/"

COACH_WRITES = [
    Write("cohort_create", "/coaching/new/", {**_COHORT, "client_id": "{fresh}"}),
    Write("cohort_update", "/coaching/{cohort}/edit/", _COHORT),
    Write("cohort_invite", "/coaching/{cohort}/invite/", {"client_id": "{fresh}", "max_uses": "3"}),
    Write("coach_list", "/coaching/{cohort}/coaches/", {"client_id": "{fresh}"}),
    Write("coach_remove", "/coaching/{cohort}/coaches/remove/", {"lead": "{second_lead}"}),
    Write("coach_leave", "/coaching/{cohort}/coaches/leave/"),
    Write("cohort_close", "/coaching/{cohort}/close/"),
    Write("invitation_revoke", "/coaching/invitations/{link}/revoke/"),
    Write("invitation_revoke", "/coaching/invitations/{coach_link}/revoke/"),
    Write("invitation_replace", "/coaching/invitations/{link}/replace/"),
    Write(
        "email_invitation_create",
        "/coaching/{cohort}/invite/by-mail/",
        {"emails": "new@example.org", "words": "Come along"},
    ),
    Write("email_invitation_send_again", "/coaching/invited/{mailed}/again/"),
    Write("email_invitation_withdraw", "/coaching/invited/{mailed}/withdraw/"),
    Write(
        "encouragement_create",
        _NOTE,
        {
            "client_id": "{fresh}",
            "day": str(TODAY),
            "entry": "{entry}",
            "text": "You asked",
            "back": "",
        },
    ),
    Write("encouragement_remove", _NOTE + "{note}/remove/"),
    Write("encouragement_restore", _NOTE + "{gone_note}/restore/"),
    Write("nudge_create", "/coaching/{cohort}/people/{weeks}/nudge/", {"text": "Ask one"}),
    Write(
        "coach_note_save",
        "/coaching/{cohort}/people/{weeks}/private-note/",
        {"text": "Calls on Friday", "version": "1", "keep": "", "other_version": ""},
    ),
    Write("nudge_quiet", "/coaching/{cohort}/nudges/", {"days": "1", "text": "Still there"}),
    Write(
        "post_update",
        "/coaching/{cohort}/posts/9/",
        {"title": "Later", "text": "Ask two", "version": "1", "keep": ""},
    ),
    Write("post_remove", "/coaching/{cohort}/posts/9/remove/"),
    Write("post_restore", "/coaching/{cohort}/posts/5/restore/"),
    Write("comment_hide", "/coaching/{cohort}/comments/{remark}/hide/"),
    Write("comment_show", "/coaching/{cohort}/comments/{hidden_remark}/show/"),
]

MEMBER_WRITES = [
    Write("membership_update", "/cohorts/{cohort}/seen/", {"members_see": "0"}),
    Write("post_read", "/cohorts/{cohort}/posts/9/read/"),
    Write(
        "comment_create",
        "/cohorts/{cohort}/posts/9/comments/",
        {"client_id": "{fresh}", "text": "I will", "for_members": "1"},
    ),
    Write("comment_remove", "/cohorts/{cohort}/comments/{comment}/remove/"),
    Write("comment_restore", "/cohorts/{cohort}/comments/{gone_comment}/restore/"),
    Write("encouragement_read", "/notes/read/", {"day": str(YESTERDAY), "note": "{note}"}),
    Write("consent_update", "/consents/{membership}/", {"coach": "{coach}", "scope": "counts"}),
    Write("consent_nudges", "/consents/{membership}/nudges/", {"allows_nudges": ""}),
    Write("consent_leave", "/consents/{membership}/leave/"),
    Write(
        "day_private",
        f"/days/{TODAY}/private/",
        {"enrollment": "{enrollment}", "shown": "{entry}", "private": "{entry}"},
    ),
]

COACH_PAGES = [
    *("/coaching/", "/coaching/new/", "/coaching/{cohort}/", "/coaching/{cohort}/?sort=name"),
    *("/coaching/{cohort}/?q=a", "/coaching/{cohort}/export/", "/coaching/{cohort}/edit/"),
    *("/coaching/{cohort}/people/{weeks}/", "/coaching/{cohort}/queue/"),
    *("/coaching/{cohort}/invite/", "/coaching/{cohort}/coaches/"),
    *("/coaching/{cohort}/posts/", "/coaching/{cohort}/posts/9/", "/coaching/{cohort}/posts/5/"),
]
MEMBER_PAGES = [
    *("/cohorts/", "/cohorts/{cohort}/", "/cohorts/{cohort}/people/{other_membership}/"),
    *("/cohorts/{cohort}/posts/9/", "/consents/", "/consents/{membership}/seen/{coach}/"),
    *("/settings/", f"/days/{TODAY}/private/", f"/days/{TODAY}/", "/today/"),
]


def make_place(coach: User, member: User) -> Place:
    """All words in it hold the first name of the member, or of who coaches there."""
    name = member.display_name
    cohort = make_cohort(coach=coach, name=f"{coach.display_name}s people", starts_on=STARTS_ON)
    second = make_user(name=f"{coach.display_name}second")
    cohort.take_on(second, NOON)
    cohort.revise(members_see=MembersSee.ENTRIES)
    other = make_user(name=f"{name}sfriend")
    enrollments = [
        make_enrollment(participant=user, statement=f"{user.display_name} opens a door")
        for user in (member, other)
    ]
    memberships = [
        make_membership(cohort=cohort, enrollment=weeks, scope="moments", nudges=True)
        for weeks in enrollments
    ]
    CohortMembership.objects.of(cohort).update(members_see=MembersSee.ENTRIES)
    enrollment, membership = enrollments[0], memberships[0]
    entry = make_entry(enrollment=enrollment, practice="request", line=f"{name} asked Ruth")
    make_entry(enrollment=enrollments[1], line=f"{name}sfriend told Otto")
    make_entry(enrollment=enrollment, practice="act", line=f"Secretly {name} swept")
    DailyEntry.objects.filter(line__startswith="Secretly").update(is_private=True)
    make_reflection(enrollment=enrollment, text=f"{name} wondered")
    make_reflection(enrollment=enrollment, day=YESTERDAY, text=f"Secretly {name} wept")
    Reflection.objects.filter(text__startswith="Secretly").update(is_private=True)
    make_moment(enrollment=enrollment, title=f"{name} saw it")
    notes = {key: _note(coach, enrollment, name) for key in ("note", "gone_note")}
    notes["gone_note"].remove(NOON)
    CoachNote.objects.save_text(
        coach=coach, enrollment=enrollment, text=f"Only {coach} of {name}", based_on=0, now=NOON
    )
    post = make_post(cohort=cohort, title=f"{coach.display_name} says")
    make_post(cohort=cohort, number=5, title=f"{coach.display_name} said").remove(NOON)
    comments = {
        key: make_comment(post=post, membership=membership, text=f"{name} comments on {key}")
        for key in ("comment", "gone_comment", "hidden_comment")
    }
    comments["gone_comment"].remove(NOON)
    comments["hidden_comment"].hide(NOON)
    mailed = _mailed(cohort, coach, f"{name.lower()}@example.net")
    leads = {row.coach_id: row.pk for row in cohort.standing_coaches()}
    ids = {
        "cohort": cohort.pk,
        "weeks": enrollment.pk,
        "other_weeks": enrollments[1].pk,
        "enrollment": enrollment.public_id,
        "membership": membership.pk,
        "other_membership": memberships[1].pk,
        "coach": coach.pk,
        "second_coach": second.pk,
        "lead": leads[coach.pk],
        "second_lead": leads[second.pk],
        "link": Invitation.make(cohort=cohort, by=coach, now=NOON, max_uses=3)[0].pk,
        "coach_link": Invitation.make(cohort=cohort, by=coach, now=NOON, role="coach")[0].pk,
        "mailed": mailed.pk,
        "mail_link": mailed.invitation_id,
        "entry": entry.client_id,
        "note": notes["note"].client_id,
        "gone_note": notes["gone_note"].client_id,
        "comment": comments["comment"].client_id,
        "gone_comment": comments["gone_comment"].client_id,
        "remark": comments["comment"].pk,
        "hidden_remark": comments["hidden_comment"].pk,
        FRESH: uuid.uuid4(),
    }
    return Place(
        cohort,
        coach,
        second,
        member,
        other,
        enrollment,
        {key: str(value) for key, value in ids.items()},
    )


def _note(coach: User, enrollment: Enrollment, name: str) -> Encouragement:
    return Encouragement.objects.leave(
        coach=coach,
        enrollment=enrollment,
        client_id=uuid.uuid4(),
        day=YESTERDAY,
        text=f"{name} did well",
        now=NOON,
    )


def _mailed(cohort: Cohort, coach: User, email: str) -> EmailInvitation:
    EmailInvitation.objects.invite(cohort=cohort, by=coach, emails=[email], words="", now=NOON)
    OutgoingMail.objects.filter(kind="invitation").update(state=OutgoingMail.State.SENT)
    return EmailInvitation.objects.get(email=email)
