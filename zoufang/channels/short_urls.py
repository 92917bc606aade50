"""The shortest addresses there are, for those who type what a poster says. They stand at the root of every site."""

from django.urls import path

from zoufang.channels import public_views

app_name = "public_short"
urlpatterns = [path("p/<str:no>/", public_views.at_poster, name="poster")]
