from django.urls import path

from accounts import views

urlpatterns = [
    # mailbox
    path("mailbox/", views.mailbox_list, name="mailbox_list"),
    path("mailbox/<slug:key>/", views.mailbox_detail, name="mailbox_detail"),
]
