from datetime import date

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from program.views import (
    access,
    account,
    coaches,
    coaching,
    cohorts,
    comments,
    consents,
    days,
    deletion,
    email_invitations,
    enrollments,
    entries,
    exports,
    feeds,
    finish,
    followers,
    goals,
    imports,
    inbox,
    invitations,
    landing,
    legal,
    mail,
    mail_settings,
    memberships,
    moments,
    needs,
    nudges,
    offline,
    participants,
    pauses,
    people,
    posts,
    progress,
    public_goals,
    public_pages,
    queue,
    reflections,
    reminders,
    replies,
    requests,
    shares,
    staff,
    staff_pages,
    staff_replies,
    steps,
)
from program.views.map import map_detail


class DateConverter:
    """A date as 2027-03-17; anything else is no such page."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class PublicTokenConverter(StringConverter):
    """The token of a public page; no other text is asked for in the database."""

    regex = "[A-Za-z0-9_-]{24}"


register_converter(DateConverter, "date")
register_converter(PublicTokenConverter, "public_token")

urlpatterns = [
    # What is asked for most stands first: each address is tried in turn.
    # public_goals
    path("goal/<public_token:token>/", public_goals.public_goal_detail, name="public_goal_detail"),
    path(
        "goal/<public_token:token>/picture.png",
        public_goals.public_goal_picture,
        name="public_goal_picture",
    ),
    # days
    path("today/", days.today, name="today"),
    path("days/<date:day>/", days.day_detail, name="day_detail"),
    # entries
    path("days/<date:day>/entries/<uuid:client_id>/", entries.entry_save, name="entry_save"),
    path(
        "days/<date:day>/entries/<uuid:client_id>/remove/",
        entries.entry_remove,
        name="entry_remove",
    ),
    path(
        "days/<date:day>/entries/<uuid:client_id>/restore/",
        entries.entry_restore,
        name="entry_restore",
    ),
    path("days/<date:day>/entries/<uuid:client_id>/turn/", entries.entry_turn, name="entry_turn"),
    # reflections
    path("days/<date:day>/reflection/", reflections.reflection_save, name="reflection_save"),
    # landing
    path("", landing.landing, name="landing"),
    path("see-a-day/", landing.see_a_day, name="see_a_day"),
    # offline
    path("manifest.webmanifest", offline.offline_manifest, name="offline_manifest"),
    path("sw.js", offline.offline_worker, name="offline_worker"),
    path("apple-touch-icon.png", offline.offline_icon, name="offline_icon"),
    path("offline/", offline.offline_page, name="offline_page"),
    path("offline/account/", offline.offline_account, name="offline_account"),
    # legal
    path("terms/", legal.terms, name="terms"),
    path("privacy/", legal.privacy, name="privacy"),
    # public_pages
    path("public/", public_pages.public_page_update, name="public_page_update"),
    path("public/publish/", public_pages.public_page_publish, name="public_page_publish"),
    path("public/take-down/", public_pages.public_page_remove, name="public_page_remove"),
    path("public/replace/", public_pages.public_page_replace, name="public_page_replace"),
    path("public/preview/", public_pages.public_page_preview, name="public_page_preview"),
    path("public/card/", public_pages.public_page_card, name="public_page_card"),
    path("public/code.png", public_pages.public_page_code, name="public_page_code"),
    # shares
    path("share/", shares.share_create, name="share_create"),
    # replies
    path("goal/<public_token:token>/replies/", replies.reply_create, name="reply_create"),
    path("replies/<str:token>/", replies.reply_detail, name="reply_detail"),
    path("replies/<str:token>/withdraw/", replies.reply_withdraw, name="reply_withdraw"),
    # inbox
    path("inbox/", inbox.reply_list, name="reply_list"),
    path("inbox/clear/", inbox.reply_clear, name="reply_clear"),
    path("inbox/clear/undo/", inbox.reply_unclear, name="reply_unclear"),
    path("inbox/<int:pk>/state/", inbox.reply_settle, name="reply_settle"),
    path("inbox/<int:pk>/turn/", inbox.reply_turn, name="reply_turn"),
    path("inbox/<int:pk>/person/", inbox.reply_person, name="reply_person"),
    path("inbox/<int:pk>/answer/", inbox.reply_answer, name="reply_answer"),
    path("inbox/<int:pk>/remove/", inbox.reply_remove, name="reply_remove"),
    path("inbox/<int:pk>/restore/", inbox.reply_restore, name="reply_restore"),
    path("inbox/<int:pk>/report/", inbox.reply_report, name="reply_report"),
    path("inbox/<int:pk>/block/", inbox.reply_block, name="reply_block"),
    path("inbox/blocks/<int:pk>/remove/", inbox.reply_unblock, name="reply_unblock"),
    # followers
    path("inbox/update/", followers.page_update_create, name="page_update_create"),
    path("follow/<str:token>/", followers.follower_detail, name="follower_detail"),
    path("follow/<str:token>/confirm/", followers.follower_confirm, name="follower_confirm"),
    path("follow/<str:token>/stop/", followers.follower_stop, name="follower_stop"),
    path("follow/<str:token>/forget/", followers.follower_forget, name="follower_forget"),
    # enrollments
    path("enrollments/new/", enrollments.enrollment_create, name="enrollment_create"),
    path("enrollments/start/", enrollments.enrollment_start, name="enrollment_start"),
    path("enrollments/restart/", enrollments.enrollment_restart, name="enrollment_restart"),
    path("enrollments/", enrollments.enrollment_list, name="enrollment_list"),
    path("enrollments/<int:pk>/", enrollments.enrollment_detail, name="enrollment_detail"),
    # progress
    path("coaching/", progress.cohort_list, name="cohort_list"),
    path("coaching/<int:pk>/", progress.cohort_detail, name="cohort_detail"),
    path("coaching/<int:pk>/export/", progress.cohort_export, name="cohort_export"),
    # participants
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/",
        participants.participant_detail,
        name="participant_detail",
    ),
    # coaching
    path("notes/read/", coaching.encouragement_read, name="encouragement_read"),
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/notes/",
        coaching.encouragement_create,
        name="encouragement_create",
    ),
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/notes/<uuid:client_id>/remove/",
        coaching.encouragement_remove,
        name="encouragement_remove",
    ),
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/notes/<uuid:client_id>/restore/",
        coaching.encouragement_restore,
        name="encouragement_restore",
    ),
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/nudge/",
        nudges.nudge_create,
        name="nudge_create",
    ),
    path(
        "coaching/<int:pk>/people/<int:enrollment_pk>/private-note/",
        coaching.coach_note_save,
        name="coach_note_save",
    ),
    path("coaching/<int:pk>/queue/", queue.encouragement_queue, name="encouragement_queue"),
    path("coaching/<int:pk>/nudges/", nudges.nudge_quiet, name="nudge_quiet"),
    # posts
    path("coaching/<int:pk>/posts/", posts.post_list, name="post_list"),
    path("coaching/<int:pk>/posts/<int:number>/", posts.post_update, name="post_update"),
    path("coaching/<int:pk>/posts/<int:number>/remove/", posts.post_remove, name="post_remove"),
    path("coaching/<int:pk>/posts/<int:number>/restore/", posts.post_restore, name="post_restore"),
    path(
        "coaching/<int:pk>/comments/<int:comment_pk>/hide/",
        posts.comment_hide,
        name="comment_hide",
    ),
    path(
        "coaching/<int:pk>/comments/<int:comment_pk>/show/",
        posts.comment_show,
        name="comment_show",
    ),
    # memberships
    path("cohorts/", memberships.membership_list, name="membership_list"),
    path("cohorts/<int:pk>/", memberships.membership_detail, name="membership_detail"),
    path("cohorts/<int:pk>/seen/", memberships.membership_update, name="membership_update"),
    path(
        "cohorts/<int:pk>/people/<int:membership_pk>/",
        memberships.companion_detail,
        name="companion_detail",
    ),
    # comments
    path("cohorts/<int:pk>/posts/<int:number>/", comments.post_detail, name="post_detail"),
    path("cohorts/<int:pk>/posts/<int:number>/read/", comments.post_read, name="post_read"),
    path(
        "cohorts/<int:pk>/posts/<int:number>/comments/",
        comments.comment_create,
        name="comment_create",
    ),
    path(
        "cohorts/<int:pk>/comments/<uuid:client_id>/remove/",
        comments.comment_remove,
        name="comment_remove",
    ),
    path(
        "cohorts/<int:pk>/comments/<uuid:client_id>/restore/",
        comments.comment_restore,
        name="comment_restore",
    ),
    # cohorts
    path("coaching/new/", cohorts.cohort_create, name="cohort_create"),
    path("coaching/<int:pk>/edit/", cohorts.cohort_update, name="cohort_update"),
    # coaches
    path("coaching/<int:pk>/coaches/", coaches.coach_list, name="coach_list"),
    path("coaching/<int:pk>/coaches/remove/", coaches.coach_remove, name="coach_remove"),
    path("coaching/<int:pk>/coaches/leave/", coaches.coach_leave, name="coach_leave"),
    path("coaching/<int:pk>/close/", coaches.cohort_close, name="cohort_close"),
    path("coach/<str:token>/", coaches.coach_join, name="coach_join"),
    # invitations
    path("coaching/<int:pk>/invite/", invitations.cohort_invite, name="cohort_invite"),
    path(
        "coaching/invitations/<int:pk>/revoke/",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path(
        "coaching/invitations/<int:pk>/replace/",
        invitations.invitation_replace,
        name="invitation_replace",
    ),
    path("join/<str:token>/", invitations.invitation_join, name="invitation_join"),
    path(
        "coaching/<int:pk>/invite/by-mail/",
        email_invitations.email_invitation_create,
        name="email_invitation_create",
    ),
    path(
        "coaching/invited/<int:pk>/again/",
        email_invitations.email_invitation_send_again,
        name="email_invitation_send_again",
    ),
    path(
        "coaching/invited/<int:pk>/withdraw/",
        email_invitations.email_invitation_withdraw,
        name="email_invitation_withdraw",
    ),
    path(
        "join/<str:token>/decline/",
        email_invitations.invitation_decline,
        name="invitation_decline",
    ),
    # consents
    path("consents/", consents.consent_list, name="consent_list"),
    path("consents/<int:pk>/", consents.consent_update, name="consent_update"),
    path("consents/<int:pk>/seen/<int:coach_pk>/", consents.consent_seen, name="consent_seen"),
    path("consents/<int:pk>/nudges/", consents.consent_nudges, name="consent_nudges"),
    path("consents/<int:pk>/leave/", consents.consent_leave, name="consent_leave"),
    path("days/<date:day>/private/", consents.day_private, name="day_private"),
    # pauses
    path("pauses/", pauses.pause_update, name="pause_update"),
    path("pauses/end/", pauses.pause_end, name="pause_end"),
    # map
    path("map/", map_detail, name="map_detail"),
    # finish
    path("finish/", finish.finish_detail, name="finish_detail"),
    path("finish/thanks/", finish.thanks_draft, name="thanks_draft"),
    # goals
    path("goals/", goals.goal_update, name="goal_update"),
    # reminders
    path("reminders/", reminders.reminder_update, name="reminder_update"),
    # feeds
    path("settings/calendar/", feeds.feed_update, name="feed_update"),
    path("settings/calendar/replace/", feeds.feed_replace, name="feed_replace"),
    path("settings/calendar/remove/", feeds.feed_remove, name="feed_remove"),
    path("calendar/<str:token>.ics", feeds.feed_detail, name="feed_detail"),
    # mail
    path("unsubscribe/<str:token>/", mail.mail_unsubscribe, name="mail_unsubscribe"),
    path("settings/mail/", mail_settings.mail_update, name="mail_update"),
    path("mail/<str:token>/", mail.mail_choices, name="mail_choices"),
    # staff
    path("staff/", staff.staff_home, name="staff_home"),
    path("staff/test-mail/", staff.staff_test_mail, name="staff_test_mail"),
    # staff_replies
    path("staff/replies/", staff_replies.staff_reply_list, name="staff_reply_list"),
    path(
        "staff/replies/<int:pk>/take-down/",
        staff_replies.staff_reply_take_down,
        name="staff_reply_take_down",
    ),
    path(
        "staff/replies/<int:pk>/restore/",
        staff_replies.staff_reply_restore,
        name="staff_reply_restore",
    ),
    path(
        "staff/replies/<int:pk>/settle/",
        staff_replies.staff_reply_settle,
        name="staff_reply_settle",
    ),
    path(
        "staff/replies/<int:pk>/block/",
        staff_replies.staff_reply_block,
        name="staff_reply_block",
    ),
    path(
        "staff/replies/blocks/<int:pk>/remove/",
        staff_replies.staff_reply_unblock,
        name="staff_reply_unblock",
    ),
    path("staff/pages/", staff_pages.staff_page_list, name="staff_page_list"),
    path(
        "staff/pages/<int:pk>/restore/", staff_pages.staff_page_restore, name="staff_page_restore"
    ),
    # account
    path("settings/", account.settings_update, name="settings_update"),
    # access
    path("settings/access/", access.access_list, name="access_list"),
    # deletion
    path("settings/delete/", deletion.account_delete, name="account_delete"),
    path("goodbye/", deletion.goodbye, name="goodbye"),
    # exports
    path("settings/export/", exports.export_detail, name="export_detail"),
    path("settings/export/build/", exports.export_create, name="export_create"),
    path("settings/export/file/", exports.export_download, name="export_download"),
    # imports
    path("settings/import/", imports.import_create, name="import_create"),
    path("settings/import/preview/", imports.import_detail, name="import_detail"),
    path("settings/import/restore/", imports.import_restore, name="import_restore"),
    # requests
    path("requests/", requests.request_list, name="request_list"),
    path("requests/draft/", requests.request_draft, name="request_draft"),
    path("requests/plan/", requests.request_plan, name="request_plan"),
    path("requests/<uuid:client_id>/", requests.request_detail, name="request_detail"),
    # people
    path("people/", people.person_list, name="person_list"),
    path("people/add/", people.person_create, name="person_create"),
    path("people/<int:pk>/", people.person_update, name="person_update"),
    path("people/<int:pk>/remove/", people.person_remove, name="person_remove"),
    path("people/<int:pk>/restore/", people.person_restore, name="person_restore"),
    path("people/<int:pk>/start/", people.person_start, name="person_start"),
    # needs
    path("people/needs/add/", needs.need_create, name="need_create"),
    path("people/needs/<int:pk>/", needs.need_update, name="need_update"),
    path("people/needs/<int:pk>/answer/", needs.need_answer, name="need_answer"),
    path("people/needs/<int:pk>/remove/", needs.need_remove, name="need_remove"),
    path("people/needs/<int:pk>/restore/", needs.need_restore, name="need_restore"),
    # moments
    path("moments/", moments.moment_list, name="moment_list"),
    path("moments/add/", moments.moment_create, name="moment_create"),
    path("moments/<uuid:client_id>/", moments.moment_update, name="moment_update"),
    path("moments/<uuid:client_id>/remove/", moments.moment_remove, name="moment_remove"),
    path("moments/<uuid:client_id>/restore/", moments.moment_restore, name="moment_restore"),
    # steps
    path("steps/", steps.step_list, name="step_list"),
    path("steps/<int:number>/state/", steps.step_mark, name="step_mark"),
    path("steps/<int:number>/note/", steps.step_note, name="step_note"),
    path("steps/<int:number>/evidence/", steps.step_attach, name="step_attach"),
]
