from program.models.coaches import CohortCoach
from program.models.coaching import CoachNote, Encouragement
from program.models.cohorts import Cohort, CohortMembership
from program.models.comments import DayComment
from program.models.consents import CoachVisit, Consent
from program.models.email_invitations import EmailInvitation
from program.models.enrollments import Enrollment
from program.models.entries import DailyEntry
from program.models.exports import Export
from program.models.feeds import CalendarFeed
from program.models.finish import Finish
from program.models.followers import Follower, PageUpdate
from program.models.goals import Goal
from program.models.imports import Import
from program.models.invitations import Invitation
from program.models.mail import MailChoice, MailKind
from program.models.moments import Breakthrough
from program.models.needs import Need
from program.models.nudges import Nudge
from program.models.pauses import Pause
from program.models.people import Person
from program.models.posts import DayPost, PostReading
from program.models.public_pages import HostTakedown, PublicPage
from program.models.reflections import Reflection
from program.models.replies import Reply
from program.models.reply_guard import ReplyBlock, ReplyTakedown
from program.models.scopes import MembersSee, Scope
from program.models.steps import StepProgress

__all__ = [
    "Breakthrough",
    "CalendarFeed",
    "CoachNote",
    "CoachVisit",
    "Cohort",
    "CohortCoach",
    "CohortMembership",
    "Consent",
    "DailyEntry",
    "DayComment",
    "DayPost",
    "EmailInvitation",
    "Encouragement",
    "Enrollment",
    "Export",
    "Finish",
    "Follower",
    "Goal",
    "HostTakedown",
    "Import",
    "Invitation",
    "MailChoice",
    "MailKind",
    "MembersSee",
    "Need",
    "Nudge",
    "PageUpdate",
    "Pause",
    "Person",
    "PostReading",
    "PublicPage",
    "Reflection",
    "Reply",
    "ReplyBlock",
    "ReplyTakedown",
    "Scope",
    "StepProgress",
]
