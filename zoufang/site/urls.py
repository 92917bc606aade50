"""The officers' doors, with the citizens' under `public/`; `urls_citizens` serves the latter alone."""

from django.urls import include, path

from zoufang.site.api import api

urlpatterns = [
    path("", include("zoufang.opinions.urls")),
    path("", include("zoufang.casework.urls")),
    path("accounts/", include("zoufang.accounts.urls")),
    path("visits/", include("zoufang.visits.urls")),
    path("deliveries/", include("zoufang.channels.urls")),
    path("posters/", include("zoufang.channels.posters.urls")),
    path("clients/", include("zoufang.channels.open311.urls")),
    path("paper/", include("zoufang.channels.paper.urls")),
    path("call-backs/", include("zoufang.callbacks.urls")),
    path("campaign/", include("zoufang.campaigns.urls")),
    path("statistics/", include("zoufang.statistics.urls")),
    path("worklists/", include("zoufang.worklists.urls")),
    path("exports/", include("zoufang.exports.urls")),
    path("", include("zoufang.notifications.urls")),
    path("answers/", include("zoufang.answers.urls")),
    path("ledgers/", include("zoufang.ledgers.urls")),
    path("bulletins/", include("zoufang.bulletins.urls")),
    path("ui/", include("zoufang.ui.urls")),
    path("api/v1/", api.urls),
    path("public/", include("zoufang.site.urls_public")),
    path("open311/", include("zoufang.channels.open311.public_urls")),
    path("gateway/", include("zoufang.channels.gateway_urls")),
    path("", include("zoufang.channels.short_urls")),
]

handler404 = "zoufang.ui.views.not_found"
handler500 = "zoufang.ui.views.server_error"
