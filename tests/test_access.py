"""Who gets what from every address with every method: the table is the policy, word for word.

`alice` is the owner of the two weeks, the entry and the enrollment id that are asked for; `bob` has
two weeks of his own, over the same dates; `erin` has an account and nothing else.
"""

import uuid
from collections.abc import Iterator
from datetime import date, time

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from breakthrough.middleware import StrangersMiddleware
from program.models import (
    CalendarFeed,
    Cohort,
    CohortCoach,
    CohortMembership,
    DailyEntry,
    DayComment,
    EmailInvitation,
    Enrollment,
    Export,
    Follower,
    Invitation,
    MailChoice,
    Need,
    Person,
    PublicPage,
    Reply,
    ReplyBlock,
)
from program.models.invitations import hashed
from program.models.mail import all_kinds_token, one_kind_token
from tests.addresses import fingerprint
from tests.factories import (
    NOON,
    make_cohort,
    make_comment,
    make_enrollment,
    make_entry,
    make_membership,
    make_moment,
    make_need,
    make_person,
    make_post,
    make_reflection,
    make_reply,
    make_user,
)
from tests.posting import Response, is_our_page

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
TOKEN, COACH_TOKEN = "the-link-of-a-cohort", "the-link-of-a-coach"
MAILED_TOKEN = "the-link-of-a-mail"
# What a form carries that makes something, beside what stands in its address.
NEW = {
    name: {"client_id": str(uuid.UUID(int=7))}
    for name in ("cohort_invite", "coach_list", "comment_create", "page_update_create")
}
# Of a page of one's own everything may be left out, so a form that is refused is sent.
NEW["public_page_update"] = {"shown_as": "x" * 61}
NEW["reply_settle"] = {"state": "kept"}
FEED_TOKEN = "the-address-of-a-calendar"
PAGE_TOKEN = "the-link-of-a-page-00000"
# Whoever has the link of a mail may stop that mail, logged in or not; whoever has one for a coach
# may coach, and whoever has one that came by mail may decline it.
ACTS_BY_LINK = {"mail_unsubscribe", "coach_join", "invitation_decline"}
# Visitors have an account nowhere: who has the link of what they left may take it back.
ACTS_BY_LINK |= {"reply_withdraw", "follower_confirm", "follower_stop", "follower_forget"}
# What ends is the session of whoever asks, with all that hangs from it.
ENDS_OWN_SESSION = {"session_end", "account_logout"}
PEOPLE = ["nobody", "alice", "bob", "erin"]

# Columns: name of the URL, methods (* for all), then the statuses for PEOPLE. A day's address names
# no owner, so on day_detail bob gets his own page, without a word of alice's.
TABLE = """
landing                             GET,HEAD                           200 302 302 302
landing                             POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
health_live                         GET,HEAD                           200 200 200 200
health_live                         POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
health_ready                        GET,HEAD                           200 200 200 200
health_ready                        POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
health_worker                       GET,HEAD                           503 503 503 503
health_worker                       POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
see_a_day                           GET,HEAD                           200 200 200 200
see_a_day                           POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
offline_manifest                    GET,HEAD                           200 200 200 200
offline_manifest                    POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
offline_worker                      GET,HEAD                           200 200 200 200
offline_worker                      POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
offline_icon                        GET,HEAD                           302 302 302 302
offline_icon                        POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
offline_page                        GET,HEAD                           200 200 200 200
offline_page                        POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
offline_account                     GET,HEAD                           302 200 200 200
offline_account                     POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
terms                               GET,HEAD                           200 200 200 200
terms                               POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
privacy                             GET,HEAD                           200 200 200 200
privacy                             POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
public_goal_detail                  GET,HEAD                           200 200 200 200
public_goal_detail                  POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
public_goal_picture                 GET,HEAD                           200 200 200 200
public_goal_picture                 POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
public_page_update                  GET,HEAD                           302 200 200 302
public_page_update                  POST                               302 422 422 302
public_page_update                  PUT,PATCH,DELETE,OPTIONS           302 405 405 405
public_page_publish                 GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
public_page_publish                 POST                               302 302 404 404
public_page_remove                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
public_page_remove                  POST                               302 302 404 404
public_page_replace                 GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
public_page_replace                 POST                               302 302 404 404
public_page_preview                 GET,HEAD                           302 200 404 404
public_page_preview                 POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
public_page_card                    GET,HEAD                           302 200 404 404
public_page_card                    POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
public_page_code                    GET,HEAD                           302 200 404 404
public_page_code                    POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
share_create                        GET,HEAD                           302 200 200 302
share_create                        POST                               302 422 422 302
share_create                        PUT,PATCH,DELETE,OPTIONS           302 405 405 405
reply_create                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  405 405 405 405
reply_create                        POST                               403 403 403 403
reply_detail                        GET,HEAD                           200 200 200 200
reply_detail                        POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
reply_withdraw                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  405 405 405 405
reply_withdraw                      POST                               302 302 302 302
reply_list                          GET,HEAD                           302 200 200 200
reply_list                          POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
reply_clear                         GET,HEAD                           302 200 200 200
reply_clear                         POST                               302 200 200 200
reply_clear                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
reply_unclear                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_unclear                       POST                               302 302 302 302
reply_settle                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_settle                        POST                               302 302 404 404
reply_turn                          GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_turn                          POST                               302 302 404 404
reply_person                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_person                        POST                               302 302 404 404
reply_answer                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_answer                        POST                               302 302 404 404
reply_remove                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_remove                        POST                               302 200 404 404
reply_restore                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_restore                       POST                               302 302 404 404
reply_report                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_report                        POST                               302 302 404 404
reply_block                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_block                         POST                               302 302 404 404
reply_unblock                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reply_unblock                       POST                               302 302 404 404
page_update_create                  GET,HEAD                           302 200 404 404
page_update_create                  POST                               302 302 404 404
page_update_create                  PUT,PATCH,DELETE,OPTIONS           302 405 405 405
follower_detail                     GET,HEAD                           200 200 200 200
follower_detail                     POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
follower_confirm                    GET,HEAD,PUT,PATCH,DELETE,OPTIONS  405 405 405 405
follower_confirm                    POST                               302 302 302 302
follower_stop                       GET,HEAD,POST                      200 200 200 200
follower_stop                       PUT,PATCH,DELETE,OPTIONS           405 405 405 405
follower_forget                     GET,HEAD,PUT,PATCH,DELETE,OPTIONS  405 405 405 405
follower_forget                     POST                               200 200 200 200
enrollment_create                   GET,HEAD                           302 302 302 200
enrollment_create                   POST                               302 302 302 422
enrollment_create                   PUT,PATCH,DELETE,OPTIONS           302 405 405 405
enrollment_start                    GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
enrollment_start                    POST                               302 302 302 404
enrollment_restart                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
enrollment_restart                  POST                               302 302 404 404
enrollment_list                     GET,HEAD                           302 200 200 200
enrollment_list                     POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
enrollment_detail                   GET,HEAD                           302 200 404 404
enrollment_detail                   POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
finish_detail                       GET,HEAD                           302 200 200 302
finish_detail                       POST                               302 200 200 302
finish_detail                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
thanks_draft                        GET,HEAD                           302 200 200 302
thanks_draft                        POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
cohort_list                         GET,HEAD                           302 200 200 200
cohort_list                         POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
cohort_detail                       GET,HEAD                           302 200 404 404
cohort_detail                       POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
cohort_export                       GET,HEAD                           302 200 404 404
cohort_export                       POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
participant_detail                  GET,HEAD                           302 404 404 404
participant_detail                  POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
cohort_create                       GET,HEAD                           302 200 200 200
cohort_create                       POST                               302 422 422 422
cohort_create                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
cohort_update                       GET,HEAD                           302 200 404 404
cohort_update                       POST                               302 422 404 404
cohort_update                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
cohort_invite                       GET,HEAD                           302 200 404 404
cohort_invite                       POST                               302 302 404 404
cohort_invite                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
coach_list                          GET,HEAD                           302 200 404 404
coach_list                          POST                               302 302 404 404
coach_list                          PUT,PATCH,DELETE,OPTIONS           302 405 405 405
coach_remove                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
coach_remove                        POST                               302 302 404 404
coach_leave                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
coach_leave                         POST                               302 302 404 404
cohort_close                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
cohort_close                        POST                               302 302 404 404
coach_join                          GET,HEAD                           200 302 200 200
coach_join                          POST                               302 302 302 302
coach_join                          PUT,PATCH,DELETE,OPTIONS           405 405 405 405
invitation_revoke                   GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
invitation_revoke                   POST                               302 302 404 404
invitation_replace                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
invitation_replace                  POST                               302 302 404 404
email_invitation_create             GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
email_invitation_create             POST                               302 422 404 404
email_invitation_send_again         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
email_invitation_send_again         POST                               302 302 404 404
email_invitation_withdraw           GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
email_invitation_withdraw           POST                               302 302 404 404
invitation_decline                  GET,HEAD,POST                      200 200 200 200
invitation_decline                  PUT,PATCH,DELETE,OPTIONS           405 405 405 405
invitation_join                     GET,HEAD                           200 200 200 200
invitation_join                     POST                               302 422 422 422
invitation_join                     PUT,PATCH,DELETE,OPTIONS           405 405 405 405
encouragement_read                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
encouragement_read                  POST                               302 404 404 404
encouragement_create                GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
encouragement_create                POST                               302 404 404 404
encouragement_remove                GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
encouragement_remove                POST                               302 404 404 404
encouragement_restore               GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
encouragement_restore               POST                               302 404 404 404
nudge_create                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
nudge_create                        POST                               302 404 404 404
coach_note_save                     GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
coach_note_save                     POST                               302 404 404 404
nudge_quiet                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
nudge_quiet                         POST                               302 422 404 404
encouragement_queue                 GET,HEAD                           302 200 404 404
encouragement_queue                 POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
post_list                           GET,HEAD                           302 200 404 404
post_list                           POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
post_update                         GET,HEAD                           302 200 404 404
post_update                         POST                               302 422 404 404
post_update                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
post_remove                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
post_remove                         POST                               302 404 404 404
post_restore                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
post_restore                        POST                               302 404 404 404
comment_hide                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
comment_hide                        POST                               302 404 404 404
comment_show                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
comment_show                        POST                               302 404 404 404
membership_list                     GET,HEAD                           302 302 200 200
membership_list                     POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
membership_detail                   GET,HEAD                           302 200 404 404
membership_detail                   POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
membership_update                   GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
membership_update                   POST                               302 302 404 404
companion_detail                    GET,HEAD                           302 404 404 404
companion_detail                    POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
post_detail                         GET,HEAD                           302 200 404 404
post_detail                         POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
post_read                           GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
post_read                           POST                               302 302 404 404
comment_create                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
comment_create                      POST                               302 302 404 404
comment_remove                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
comment_remove                      POST                               302 200 404 404
comment_restore                     GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
comment_restore                     POST                               302 302 404 404
consent_list                        GET,HEAD                           302 200 200 200
consent_list                        POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
consent_update                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
consent_update                      POST                               302 302 404 404
consent_seen                        GET,HEAD                           302 200 404 404
consent_seen                        POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
consent_nudges                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
consent_nudges                      POST                               302 302 404 404
consent_leave                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
consent_leave                       POST                               302 302 404 404
day_private                         GET,HEAD                           302 200 200 404
day_private                         POST                               302 302 404 404
day_private                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
pause_update                        GET,HEAD                           302 200 200 302
pause_update                        POST                               302 422 422 302
pause_update                        PUT,PATCH,DELETE,OPTIONS           302 405 405 405
pause_end                           GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
pause_end                           POST                               302 302 302 404
today                               GET,HEAD                           302 200 200 302
today                               POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
day_detail                          GET,HEAD                           302 200 200 404
day_detail                          POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
entry_save                          GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
entry_save                          POST                               302 302 404 404
entry_remove                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
entry_remove                        POST                               302 200 404 404
entry_restore                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
entry_restore                       POST                               302 302 404 404
entry_turn                          GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
entry_turn                          POST                               302 404 404 404
map_detail                          GET,HEAD                           302 200 200 302
map_detail                          POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
moment_list                         GET,HEAD                           302 200 200 302
moment_list                         POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
moment_create                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
moment_create                       POST                               302 422 422 404
moment_update                       GET,HEAD                           302 200 404 404
moment_update                       POST                               302 422 404 404
moment_update                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
moment_remove                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
moment_remove                       POST                               302 200 404 404
moment_restore                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
moment_restore                      POST                               302 302 404 404
goal_update                         GET,HEAD                           302 200 200 404
goal_update                         POST                               302 422 422 404
goal_update                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
person_list                         GET,HEAD                           302 200 200 200
person_list                         POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
person_create                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
person_create                       POST                               302 422 422 422
person_update                       GET,HEAD                           302 200 404 404
person_update                       POST                               302 422 404 404
person_update                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
person_remove                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
person_remove                       POST                               302 200 404 404
person_restore                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
person_restore                      POST                               302 302 404 404
person_start                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
person_start                        POST                               302 422 404 404
need_create                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
need_create                         POST                               302 422 422 404
need_update                         GET,HEAD                           302 200 404 404
need_update                         POST                               302 422 404 404
need_update                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
need_answer                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
need_answer                         POST                               302 422 404 404
need_remove                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
need_remove                         POST                               302 200 404 404
need_restore                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
need_restore                        POST                               302 302 404 404
reminder_update                     GET,HEAD                           302 200 200 200
reminder_update                     POST                               302 302 302 302
reminder_update                     PUT,PATCH,DELETE,OPTIONS           302 405 405 405
feed_update                         GET,HEAD                           302 200 200 200
feed_update                         POST                               302 422 422 422
feed_update                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
feed_replace                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
feed_replace                        POST                               302 302 404 404
feed_remove                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
feed_remove                         POST                               302 302 302 302
feed_detail                         GET,HEAD                           200 200 200 200
feed_detail                         POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
mail_update                         GET,HEAD                           302 200 200 200
mail_update                         POST                               302 302 302 302
mail_update                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
mail_unsubscribe                    GET,HEAD,POST                      200 200 200 200
mail_unsubscribe                    PUT,PATCH,DELETE,OPTIONS           405 405 405 405
mail_choices                        GET,HEAD                           200 200 200 200
mail_choices                        POST                               302 302 302 302
mail_choices                        PUT,PATCH,DELETE,OPTIONS           405 405 405 405
settings_update                     GET,HEAD                           302 200 200 200
settings_update                     POST                               302 422 422 422
settings_update                     PUT,PATCH,DELETE,OPTIONS           302 405 405 405
account_delete                      GET,HEAD                           302 200 200 200
account_delete                      POST                               302 302 302 302
account_delete                      PUT,PATCH,DELETE,OPTIONS           302 405 405 405
goodbye                             GET,HEAD                           200 200 200 200
goodbye                             POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
access_list                         GET,HEAD                           302 200 200 200
access_list                         POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
export_detail                       GET,HEAD                           302 200 200 200
export_detail                       POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
export_create                       GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
export_create                       POST                               302 302 302 302
export_download                     GET,HEAD                           302 302 404 404
export_download                     POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
import_create                       GET,HEAD                           302 200 200 200
import_create                       POST                               302 409 409 422
import_create                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
import_detail                       GET,HEAD                           302 302 302 302
import_detail                       POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
import_restore                      GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
import_restore                      POST                               302 302 302 302
reflection_save                     GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
reflection_save                     POST                               302 302 404 404
request_list                        GET,HEAD                           302 200 200 302
request_list                        POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
request_detail                      GET,HEAD                           302 200 404 404
request_detail                      POST                               302 302 404 404
request_detail                      PUT,PATCH,DELETE,OPTIONS           302 405 405 405
request_draft                       GET,HEAD                           302 200 200 302
request_draft                       POST                               302 422 422 302
request_draft                       PUT,PATCH,DELETE,OPTIONS           302 405 405 405
request_plan                        GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
request_plan                        POST                               302 422 422 404
step_list                           GET,HEAD                           302 200 200 302
step_list                           POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
step_mark                           GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
step_mark                           POST                               302 302 404 404
step_note                           GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
step_note                           POST                               302 409 404 404
step_attach                         GET,HEAD                           302 200 200 404
step_attach                         POST                               302 302 404 404
step_attach                         PUT,PATCH,DELETE,OPTIONS           302 405 405 405
staff_page_list                     GET,HEAD                           302 404 404 404
staff_page_list                     POST                               302 404 404 404
staff_page_list                     PUT,PATCH,DELETE,OPTIONS           302 405 405 405
staff_page_restore                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_page_restore                  POST                               302 404 404 404
staff_home                          GET,HEAD                           302 404 404 404
staff_home                          POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
staff_test_mail                     GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_test_mail                     POST                               302 404 404 404
staff_reply_take_down               GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_reply_take_down               POST                               302 404 404 404
staff_reply_restore                 GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_reply_restore                 POST                               302 404 404 404
staff_reply_settle                  GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_reply_settle                  POST                               302 404 404 404
staff_reply_block                   GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_reply_block                   POST                               302 404 404 404
staff_reply_unblock                 GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
staff_reply_unblock                 POST                               302 404 404 404
staff_reply_list                    GET,HEAD                           302 404 404 404
staff_reply_list                    POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
index                               *                                  302 404 404 404
jsi18n                              *                                  302 404 404 404
app_list                            *                                  302 404 404 404
accounts_user_changelist            *                                  302 404 404 404
accounts_user_change                *                                  302 404 404 404
accounts_user_history               *                                  302 404 404 404
accounts_outgoingmail_changelist    *                                  302 404 404 404
program_cohort_changelist           *                                  302 404 404 404
mailbox_list                        GET,HEAD                           404 404 404 404
mailbox_list                        POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
mailbox_detail                      GET,HEAD                           404 404 404 404
mailbox_detail                      POST,PUT,PATCH,DELETE,OPTIONS      405 405 405 405
reauthenticate_by_code              GET,HEAD,POST                      302 302 302 302
reauthenticate_by_code              PUT,PATCH,DELETE,OPTIONS           302 405 405 405
session_list                        GET,HEAD                           302 200 200 200
session_list                        POST,PUT,PATCH,DELETE,OPTIONS      302 405 405 405
session_end                         GET,HEAD,PUT,PATCH,DELETE,OPTIONS  302 405 405 405
session_end                         POST                               302 302 302 302
account_login                       GET,HEAD,POST,PUT,OPTIONS          200 302 302 302
account_login                       PATCH,DELETE                       405 302 302 302
account_logout                      GET,HEAD                           302 200 200 200
account_logout                      POST                               302 302 302 302
account_logout                      PUT,PATCH,DELETE                   405 405 405 405
account_logout                      OPTIONS                            200 200 200 200
account_inactive                    GET,HEAD,OPTIONS                   200 200 200 200
account_inactive                    POST,PUT,PATCH,DELETE              405 405 405 405
account_signup                      GET,HEAD,POST,PUT,OPTIONS          200 302 302 302
account_signup                      PATCH,DELETE                       405 302 302 302
account_reauthenticate              GET,HEAD,POST,PUT,OPTIONS          302 200 200 200
account_reauthenticate              PATCH,DELETE                       302 405 405 405
account_email                       GET,HEAD,OPTIONS                   302 200 200 200
account_email                       POST,PUT                           302 302 302 302
account_email                       PATCH,DELETE                       302 405 405 405
account_email_verification_sent     *                                  302 302 302 302
account_change_password             GET,HEAD,POST,PUT,OPTIONS          302 200 200 200
account_change_password             PATCH,DELETE                       302 405 405 405
account_set_password                *                                  302 302 302 302
account_reset_password              GET,HEAD,POST,PUT,OPTIONS          200 200 200 200
account_reset_password              PATCH,DELETE                       405 405 405 405
account_confirm_login_code          *                                  302 302 302 302
account_confirm_password_reset_code *                                  302 302 302 302
account_complete_password_reset     *                                  302 302 302 302
account_password_reset_completed    GET,HEAD,OPTIONS                   200 200 200 200
account_password_reset_completed    POST,PUT,PATCH,DELETE              405 405 405 405
account_request_login_code          GET,HEAD,POST,PUT,OPTIONS          200 302 302 302
account_request_login_code          PATCH,DELETE                       405 302 302 302
account_signup_by_passkey           GET,HEAD,POST,PUT,OPTIONS          200 302 302 302
account_signup_by_passkey           PATCH,DELETE                       405 302 302 302
mfa_index                           GET,HEAD,OPTIONS                   302 200 200 200
mfa_index                           POST,PUT,PATCH,DELETE              302 405 405 405
mfa_authenticate                    *                                  302 302 302 302
mfa_reauthenticate                  *                                  302 302 302 302
mfa_activate_totp                   *                                  302 302 302 302
mfa_deactivate_totp                 *                                  302 404 404 404
mfa_view_recovery_codes             GET,HEAD                           302 404 404 404
mfa_view_recovery_codes             POST,PUT,PATCH,DELETE              302 405 405 405
mfa_view_recovery_codes             OPTIONS                            302 200 200 200
mfa_generate_recovery_codes         *                                  302 302 302 302
mfa_download_recovery_codes         *                                  302 404 404 404
mfa_list_webauthn                   GET,HEAD,OPTIONS                   302 200 200 200
mfa_list_webauthn                   POST,PUT,PATCH,DELETE              302 405 405 405
mfa_add_webauthn                    *                                  302 302 302 302
mfa_reauthenticate_webauthn         *                                  302 302 302 302
mfa_remove_webauthn                 *                                  302 302 302 302
mfa_edit_webauthn                   *                                  302 302 302 302
mfa_signup_webauthn                 *                                  302 302 302 302
openid_connect_login                GET,HEAD,POST                      404 404 404 404
openid_connect_login                PUT,PATCH,DELETE,OPTIONS           405 405 405 405
openid_connect_callback             *                                  404 404 404 404
socialaccount_login_cancelled       GET,HEAD,OPTIONS                   200 200 200 200
socialaccount_login_cancelled       POST,PUT,PATCH,DELETE              405 405 405 405
socialaccount_login_error           GET,HEAD                           302 401 401 401
socialaccount_login_error           POST,PUT,PATCH,DELETE              302 405 405 405
socialaccount_login_error           OPTIONS                            302 200 200 200
socialaccount_signup                *                                  302 302 302 302
socialaccount_connections           GET,HEAD,POST,PUT,OPTIONS          302 200 200 200
socialaccount_connections           PATCH,DELETE                       302 405 405 405
mfa_login_webauthn                  GET,HEAD,POST,PUT                  302 302 302 302
mfa_login_webauthn                  OPTIONS                            200 302 302 302
mfa_login_webauthn                  PATCH,DELETE                       405 302 302 302
"""


def _table() -> dict[str, dict[str, list[int]]]:
    """The table as {name of the URL: {method: statuses of PEOPLE}}."""
    table: dict[str, dict[str, list[int]]] = {}
    for line in TABLE.strip().splitlines():
        name, methods, *statuses = line.split()
        for method in METHODS if methods == "*" else methods.split(","):
            assert method not in table.setdefault(name, {}), f"{name} {method} stands here twice"
            table[name][method] = [int(status) for status in statuses]
    return table


def _patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """(name, address) of everything that can be asked for."""
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield str(pattern.name), address
        else:
            yield from _patterns(pattern, address)


ADDRESSES = dict(_patterns(get_resolver()))


@pytest.fixture
def entry(enrollment: Enrollment) -> DailyEntry:
    make_reflection(enrollment=enrollment, text="What only Alice reads")
    ended = make_enrollment(
        participant=enrollment.participant, starts_on=date(2026, 5, 4), ended=True
    )
    make_reflection(enrollment=ended, day=date(2026, 5, 4), text="What only Alice reads")
    make_person(user=enrollment.participant, note="What only Alice reads")
    make_need(enrollment=enrollment, question="What only Alice reads")
    export = Export.objects.ask_for(enrollment.participant, NOON)
    Export.objects.filter(pk=export.pk).update(content=b"What only Alice reads", ready_at=NOON)
    # Its name is for whoever has the link.
    cohort = make_cohort(coach=enrollment.participant)
    cohort.take_on(make_user(name="Gudrun"), NOON)
    for role, token in (("member", TOKEN), ("coach", COACH_TOKEN)):
        made, _token = Invitation.make(
            cohort=cohort, by=enrollment.participant, now=NOON, role=role
        )
        Invitation.objects.filter(pk=made.pk).update(token_hash=hashed(token))
    EmailInvitation.objects.invite(
        cohort=cohort, by=enrollment.participant, emails=["ruth@example.org"], words="", now=NOON
    )
    Invitation.objects.exclude(mailed=None).update(token_hash=hashed(MAILED_TOKEN))
    CalendarFeed.objects.create(
        user=enrollment.participant, token_hash=hashed(FEED_TOKEN), at=time(8), made_at=NOON
    )
    page = PublicPage.choose(enrollment, moments=[], now=NOON, token=PAGE_TOKEN, show_map=True)
    page.publish(NOON)
    reply = make_reply(page, email="peder@example.org")
    ReplyBlock.objects.create(page=page, sender=reply.sender, name=reply.name, at=NOON)
    MailChoice.objects.choose(enrollment.participant, "morning", at=time(7, 30), now=NOON)
    walked = make_cohort(coach=make_user(name="Frida"))
    membership = make_membership(cohort=walked, enrollment=enrollment)
    post = make_post(cohort=walked, number=4)
    entry = make_entry(enrollment=enrollment, practice="request", line="Ruth, for the ladder")
    comment = make_comment(post=post, membership=membership, text="What only Alice reads")
    DayComment.objects.filter(pk=comment.pk).update(client_id=entry.client_id)
    make_moment(enrollment=enrollment, client_id=entry.client_id, title="What only Alice reads")
    return entry


@pytest.fixture
def people(
    alice: User, bob: User, erin: User, entry: DailyEntry, noon: time_machine.Traveller
) -> dict[str, str]:
    """The session of each; nobody has none."""
    make_enrollment(participant=bob, statement="Bob's own goal")
    sessions = {"nobody": ""}
    for name, user in {"alice": alice, "bob": bob, "erin": erin}.items():
        client = Client()
        client.force_login(user)
        sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return sessions


def test_table_holds_every_url_with_every_method() -> None:
    assert _table().keys() == ADDRESSES.keys()
    assert all(sorted(rows) == sorted(METHODS) for rows in _table().values())
    assert len(ADDRESSES) == len(list(_patterns(get_resolver())))


@pytest.mark.parametrize("name", ADDRESSES)
def test_url_answers_as_the_table_says(
    name: str, people: dict[str, str], entry: DailyEntry
) -> None:
    found: dict[str, list[int]] = {}
    before = fingerprint()

    for method in METHODS:
        found[method] = []
        for person, session in people.items():
            with transaction.atomic():
                response = _ask(name, method, session, entry)
                is_foreign = person != "alice" and name not in ACTS_BY_LINK | ENDS_OWN_SESSION
                if is_foreign or method in {"GET", "HEAD", "OPTIONS"}:
                    assert fingerprint() == before, f"{method} by {person} changed something"
                transaction.set_rollback(True)
            found[method].append(response.status_code)
            knows_nobody = ADDRESSES[name].startswith(StrangersMiddleware.PAGES)
            _assert_headers(response, is_private=bool(session) and not knows_nobody)
            assert not (knows_nobody and response.cookies)
            if person != "alice":
                assert not _shows_alices_words(response), f"{method} by {person}"

    assert found == _table()[name]


def _ask(name: str, method: str, session: str, entry: DailyEntry) -> Response:
    client = Client()
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    address = ADDRESSES[name]
    for part, value in {
        "<date:day>": str(entry.day),
        "<uuid:client_id>": str(entry.client_id),
        "<slug:key>": "key",
        "<str:app_label>": "accounts",
        "<path:object_id>": str(entry.enrollment.participant_id),
        "<slug:provider_id>": "nobody",
        "<str:token>": _token(name, entry),
        "<public_token:token>": PAGE_TOKEN,
        "<int:number>": "4",
        "<int:enrollment_pk>": str(entry.enrollment_id),
        "<int:comment_pk>": "1",
        "<int:coach_pk>": str(User.objects.get(display_name="Frida").pk),
        "<int:membership_pk>": "1",
        "<int:pk>": str(_pk(name, entry)) if "<int:pk>" in address else "",
    }.items():
        address = address.replace(part, value)
    if method != "POST":
        return client.generic(method, address)
    fields = {
        "enrollment": str(entry.enrollment.public_id),
        "practice": entry.practice,
        "done": "0",
        "version": "1",
        "text": "Written over",
        "entry": str(entry.client_id),
        "attached": "1",
        "coach": str(User.objects.get(display_name="Frida").pk),
        "scope": "counts",
        "members_see": "0",
        "lead": str(CohortCoach.objects.get(coach__display_name="Gudrun").pk),
        "role": "is_supporter",
        "need": str(Need.objects.owned_by(entry.enrollment.participant).get().pk),
        "removed_at": NOON.isoformat(),
        **NEW.get(name, {}),
    }
    return client.post(address, fields)


def _token(name: str, entry: DailyEntry) -> str:
    alice = entry.enrollment.participant
    tokens = {
        "feed_detail": FEED_TOKEN,
        "mail_unsubscribe": one_kind_token(alice, "morning"),
        "mail_choices": all_kinds_token(alice),
        "coach_join": COACH_TOKEN,
        "invitation_decline": MAILED_TOKEN,
    }
    if name.startswith("reply"):
        return Reply.objects.get().token
    if name.startswith("follower"):
        return Follower.objects.get().token
    return tokens.get(name, TOKEN)


def _pk(name: str, entry: DailyEntry) -> int:
    """Of what alice owns and an address of this name asks for."""
    alice = entry.enrollment.participant
    if ADDRESSES[name].startswith("/cohorts/"):
        return CohortMembership.objects.owned_by(alice).get().cohort_id
    alices: dict[str, Model] = {
        "cohort": Cohort.objects.coached_by(alice).get(),
        "participant": Cohort.objects.coached_by(alice).get(),
        "encouragement": Cohort.objects.coached_by(alice).get(),
        "nudge": Cohort.objects.coached_by(alice).get(),
        "coach": Cohort.objects.coached_by(alice).get(),
        "post": Cohort.objects.coached_by(alice).get(),
        "comment": Cohort.objects.coached_by(alice).get(),
        "invitation": Invitation.objects.coached_by(alice).links().get(role="member"),
        "email": (
            Cohort.objects.coached_by(alice).get()
            if name == "email_invitation_create"
            else EmailInvitation.objects.get()
        ),
        "consent": CohortMembership.objects.owned_by(alice).get(),
        "enrollment": Enrollment.objects.owned_by(alice).ended().get(),
        "person": Person.objects.owned_by(alice).get(),
        "need": Need.objects.owned_by(alice).get(),
        "reply": (
            ReplyBlock.objects.get()
            if name == "reply_unblock"
            else Reply.objects.owned_by(alice).get()
        ),
        "staff": Reply.objects.owned_by(alice).get(),
        "mfa": alice,
    }
    return int(alices[name.partition("_")[0]].pk)


def _assert_headers(response: Response, *, is_private: bool) -> None:
    assert "default-src 'none'" in response["Content-Security-Policy"]
    if is_private:
        assert "no-store" in response["Cache-Control"]


def _shows_alices_words(response: Response) -> bool:
    page = response.content.decode(errors="replace")
    secrets = ("alice@", "Open a repair corner", "Ruth, for the ladder", "What only Alice reads")
    return any(secret in page for secret in secrets)


# --- Errors carry the same headers --------------------------------------------------------------


def test_unknown_address_is_not_found_with_all_headers(alice_client: Client, alice: User) -> None:
    response = alice_client.get("/nothing-here/")

    assert response.status_code == 404
    _assert_headers(response, is_private=True)


def test_error_of_ours_is_a_calm_500_with_all_headers(
    alice_client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("program.views.days.render_day", None)
    make_enrollment(participant=alice)
    alice_client.raise_request_exception = False

    response = alice_client.get("/today/")

    assert response.status_code == 500
    assert is_our_page(response)
    _assert_headers(response, is_private=True)


def test_wrong_host_is_a_bad_request_with_all_headers(alice_client: Client, alice: User) -> None:
    response = alice_client.get("/today/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert is_our_page(response)
    _assert_headers(response, is_private=True)


def test_post_without_token_is_refused_with_all_headers(
    alice: User, enrollment: Enrollment
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.post("/enrollments/start/")

    assert response.status_code == 403
    assert is_our_page(response)
    _assert_headers(response, is_private=True)


def test_page_of_somebody_without_a_session_may_be_cached(db: None) -> None:
    response = Client().get("/")

    assert response.status_code == 200
    assert not response.cookies
    assert "no-store" not in response.headers.get("Cache-Control", "")
