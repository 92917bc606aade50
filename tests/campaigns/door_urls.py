"""The doors under test, without those of other apps."""

from django.urls import include, path

urlpatterns = [
    path("campaign/", include("zoufang.campaigns.urls")),
    path("accounts/", include("zoufang.accounts.urls")),
    path("ui/", include("zoufang.ui.urls")),
    path("", include("zoufang.opinions.urls")),
]
