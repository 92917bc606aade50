"""The citizens' doors to what was answered before, mounted beside those of `channels`."""

from django.urls import path

from zoufang.answers import public_views

app_name = "public_answers"
urlpatterns = [
    path("answers/", public_views.answers, name="list"),
    path("answers/feed/", public_views.feed, name="feed"),
    path("answers/others/", public_views.others, name="others"),
    path("answers/<int:pk>/", public_views.answer, name="answer"),
    path("api/answers", public_views.api_answers, name="api_answers"),
]
