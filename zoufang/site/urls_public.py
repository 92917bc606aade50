"""The citizens' doors, mounted under `public/` by every process that serves them, so that printed links stay true."""

from django.urls import include, path

urlpatterns = [
    path("", include("zoufang.channels.public_urls")),
    path("", include("zoufang.answers.public_urls")),
]
