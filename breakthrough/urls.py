from django.conf import settings
from django.urls import include, path

from accounts.admin_site import site
from breakthrough import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/worker", health.worker, name="health_worker"),
    path("", include("program.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", site.urls),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
]

if settings.METRICS_TOKEN:
    from breakthrough import metrics

    urlpatterns.insert(0, path("metrics", metrics.page, name="metrics"))

handler400 = "breakthrough.errors.bad_request"
handler403 = "breakthrough.errors.permission_denied"
handler404 = "breakthrough.errors.page_not_found"
handler429 = "accounts.views.too_many_requests"  # asked by allauth, whose limits they are
handler500 = "breakthrough.errors.server_error"
