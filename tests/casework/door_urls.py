"""The doors under test, without those of other apps."""

from django.urls import include, path
from ninja import NinjaAPI

from zoufang.casework.api import disputes, petitions

api = NinjaAPI(urls_namespace="casework_under_test")
api.add_router("/petitions", petitions)
api.add_router("/disputes", disputes)

urlpatterns = [
    path("casework/", include("zoufang.casework.urls")),
    path("accounts/", include("zoufang.accounts.urls")),
    path("ui/", include("zoufang.ui.urls")),
    path("api/v1/", api.urls),
    path("", include("zoufang.opinions.urls")),
]
