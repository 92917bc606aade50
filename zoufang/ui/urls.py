"""The living page that shows every component."""

from django.urls import path

from zoufang.ui import views

app_name = "ui"
urlpatterns = [
    path("components/", views.components, name="components"),
]
