from allauth.socialaccount.providers.openid_connect.views import (
    callback as openid_connect_callback,
)
from django.urls import path

from accounts import getting_in, providers, views

urlpatterns = [
    # providers, under the names that allauth asks for
    path(
        "accounts/oidc/<slug:provider_id>/login/",
        providers.openid_connect_login,
        name="openid_connect_login",
    ),
    path(
        "accounts/oidc/<slug:provider_id>/login/callback/",
        openid_connect_callback,
        name="openid_connect_callback",
    ),
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
