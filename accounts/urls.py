from django.urls import path

from accounts import getting_in, views

urlpatterns = [
    # confirming who it is
    path(
        "accounts/reauthenticate/code/",
        getting_in.reauthenticate_by_code,
        name="reauthenticate_by_code",
    ),
    # sessions
    path("accounts/sessions/", getting_in.session_list, name="session_list"),
    path("accounts/sessions/end/", getting_in.session_end, name="session_end"),
    # mailbox
    path("mailbox/", views.mailbox_list, name="mailbox_list"),
    path("mailbox/<slug:key>/", views.mailbox_detail, name="mailbox_detail"),
]
