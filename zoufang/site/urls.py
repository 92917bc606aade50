"""The officers' doors, with the citizens' under `public/`; `urls_citizens` serves the latter alone."""

from django.urls import include, path

from zoufang.site.api import api

urlpatterns = [
    path("", include("zoufang.opinions.urls")),
    path("", include("zoufang.casework.urls")),
    path("accounts/", include("zoufang.accounts.urls")),
    path("visits/", include("zoufang.visits.urls")),
    path("deliveries/", include("zoufang.channels.urls")),
    path("campaign/", include("zoufang.campaigns.urls")),
    path("statistics/", include("zoufang.statistics.urls")),
    path("exports/", include("zoufang.exports.urls")),
    path("", include("zoufang.notifications.urls")),
    path("ledgers/", include("zoufang.ledgers.urls")),
    path("bulletins/", include("zoufang.bulletins.urls")),
    path("ui/", include("zoufang.ui.urls")),
    path("api/v1/", api.urls),
    path("public/", include("zoufang.site.urls_public")),
]

handler404 = "zoufang.ui.views.not_found"
handler500 = "zoufang.ui.views.server_error"
