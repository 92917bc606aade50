"""The doors under test, without those of other apps."""

from django.urls import include, path
from ninja import NinjaAPI

from zoufang.visits.api import router

api = NinjaAPI(urls_namespace="visits_under_test")
api.add_router("/visits", router)

urlpatterns = [
    path("visits/", include("zoufang.visits.urls")),
    path("accounts/", include("zoufang.accounts.urls")),
    path("answers/", include("zoufang.answers.urls")),
    path("ui/", include("zoufang.ui.urls")),
    path("api/v1/", api.urls),
    path("", include("zoufang.opinions.urls")),
]
