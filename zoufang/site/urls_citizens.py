"""All that the process for citizens serves: their doors under the same addresses, and nothing else."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="public:start")),
    path("public/", include("zoufang.site.urls_public")),
    path("open311/", include("zoufang.channels.open311.public_urls")),
    path("gateway/", include("zoufang.channels.gateway_urls")),
    path("", include("zoufang.channels.short_urls")),
]
