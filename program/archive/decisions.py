"""What of the database is not in the archive of a person, and why.

A test compares this and archive.kinds with all models of the site, column by column: whoever adds
one decides here, or writes it.
"""

ALL = "*"  # in place of a column: the whole of the model

_INSIDE = "where it hangs from is said by where it stands"
_NOT_THEIRS = "of the site, not of a person"
_PAST = "only what they still have is written"
_KEY = "a key to the account, which a file should not hold"
_FOR_FORMS = "made so that a form sent twice is one row"

# {model: {column: why}}
LEFT_OUT: dict[str, dict[str, str]] = {
    "accounts.User": {
        **dict.fromkeys(("password", "session_epoch", "offline_key"), _KEY),
        "last_login": "said by the list of sessions",
        **dict.fromkeys(("is_active", "is_staff", "is_superuser"), "decided by the host"),
        "is_approved_coach": "decided by the host",
        **dict.fromkeys(("groups", "user_permissions"), "decided by the host"),
    },
    "accounts.AccessEvent": {"user": _INSIDE},
    "accounts.OutgoingMail": {ALL: "mail on its way, made of what is written elsewhere"},
    "accounts.Scan": {ALL: _NOT_THEIRS},
    "accounts.MailHold": {ALL: _NOT_THEIRS},
    "accounts.UnusedNotice": {ALL: "when the site asked whether the account is used"},
    "accounts.User_groups": {ALL: "decided by the host"},
    "accounts.User_user_permissions": {ALL: "decided by the host"},
    "account.EmailAddress": {"user": _INSIDE},
    "account.EmailConfirmation": {ALL: _KEY},
    "admin.LogEntry": {ALL: "what staff did, in numbers"},
    "auth.Group": {ALL: _NOT_THEIRS},
    "auth.Group_permissions": {ALL: _NOT_THEIRS},
    "auth.Permission": {ALL: _NOT_THEIRS},
    "contenttypes.ContentType": {ALL: _NOT_THEIRS},
    "sessions.Session": {ALL: _KEY},
    "usersessions.UserSession": {ALL: "of sessions that run now, which the settings list"},
    "mfa.Authenticator": {ALL: _KEY},
    "socialaccount.SocialAccount": {ALL: _KEY},
    "socialaccount.SocialToken": {ALL: _KEY},
    "socialaccount.SocialApp": {ALL: _NOT_THEIRS},
    "program.Person": {"user": _INSIDE},
    "program.Enrollment": {"participant": _INSIDE},
    "program.Goal": {"enrollment": _INSIDE},
    "program.Pause": {"enrollment": _INSIDE},
    "program.DailyEntry": {"enrollment": _INSIDE, "removed_at": _PAST},
    "program.Reflection": {"enrollment": _INSIDE},
    "program.StepProgress": {"enrollment": _INSIDE},
    "program.StepProgress_evidence": {ALL: "written as `evidence` of the step"},
    "program.Need": {"enrollment": _INSIDE, "removed_at": _PAST},
    "program.Breakthrough": {"enrollment": _INSIDE, "removed_at": _PAST},
    "program.Breakthrough_entries": {ALL: "written as `entries` of the moment"},
    "program.Finish": {"enrollment": _INSIDE},
    "program.PublicPage": {"enrollment": _INSIDE, "token": "a link, which a file should not hold"},
    "program.PublicPage_moments": {ALL: "written as `moments` of the page"},
    "program.HostTakedown": {
        "page": _INSIDE,
        **dict.fromkeys(("by", "restored_by"), "who of the site it was is the site's matter"),
    },
    "program.Reply": {
        "page": _INSIDE,
        "public_id": "the link by which its visitor takes it back",
        "client_key": _FOR_FORMS,
        "sender": "where a visitor was is nobody's to take along",
        "follower": "the address of somebody else",
        **dict.fromkeys(
            ("as_request", "as_act", "as_person", "as_need"), "what was made of it stands by itself"
        ),
        "reported_at": "what is the host's to look at is not kept by its reader",
        **dict.fromkeys(("removed_at", "withdrawn_at"), _PAST),
    },
    "program.PageUpdate": {"page": _INSIDE, "client_id": _FOR_FORMS},
    "program.Follower": {ALL: "the address of somebody else, given for one mail"},
    "program.ReplyBlock": {ALL: "where a visitor was is nobody's to take along"},
    "program.ReplyTakedown": {ALL: "what those who run the site did with words of a visitor"},
    "program.CohortMembership": {"enrollment": _INSIDE},
    "program.Consent": {"enrollment": _INSIDE},
    "program.CoachVisit": {"enrollment": _INSIDE},
    "program.Encouragement": {
        "client_id": _FOR_FORMS,
        "removed_at": "what the coach took back is the coach's",
    },
    "program.Nudge": {},
    "program.CoachNote": {"coach": _INSIDE, "version": "tells two tabs apart"},
    "program.Cohort": {"client_id": _FOR_FORMS},
    "program.CohortCoach": {ALL: "who leads beside them is their own matter"},
    "program.EmailInvitation": {ALL: "the address of somebody else, until they answer"},
    "program.Invitation": {ALL: "of a link only the hash is kept"},
    "program.DayPost": {
        "coach": _INSIDE,
        "version": "tells two tabs apart",
        "removed_at": _PAST,
    },
    "program.DayComment": {
        "client_id": _FOR_FORMS,
        "removed_at": _PAST,
        "hidden_at": "what a coach does with it is the coach's",
    },
    "program.PostReading": {ALL: "told to the coach as a number"},
    "program.MailChoice": {
        "user": _INSIDE,
        "next_due_at": "follows from the rest",
    },
    "program.CalendarFeed": {ALL: _KEY},
    "program.Export": {ALL: "the archive itself, for a day"},
    "program.Import": {ALL: "an archive that is about to be restored"},
    **{
        f"procrastinate.Procrastinate{name}": {ALL: "the worker's list of calls, with ids alone"}
        for name in ("Event", "Job", "PeriodicDefer", "Worker")
    },
}
