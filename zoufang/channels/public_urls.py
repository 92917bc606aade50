"""The citizens' doors. No address holds a number or a code."""

from django.urls import path

from zoufang.channels import public_views
from zoufang.channels.api import public as api

app_name = "public"
urlpatterns = [
    path("", public_views.start, name="start"),
    path("say/", public_views.say, name="say"),
    path("receipt/", public_views.receipt, name="receipt"),
    path("track/", public_views.track, name="track"),
    path("case/", public_views.case, name="case"),
    path("case/rate/", public_views.rate, name="rate"),
    path("case/again/", public_views.ask_again, name="ask_again"),
    path("case/supply/", public_views.supply, name="supply"),
    path("leave/", public_views.leave, name="leave"),
    path("privacy/", public_views.privacy, name="privacy"),
    path("language/", public_views.language, name="language"),
    path("api/opinions", api.hear, name="api_opinions"),
    path("api/track", api.track, name="api_track"),
    path("api/ratings", api.rate, name="api_ratings"),
    path("api/supplements", api.supply, name="api_supplements"),
]
