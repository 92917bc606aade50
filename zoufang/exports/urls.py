from django.urls import path

from zoufang.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.exports, name="list"),
    path("ask/", views.ask, name="ask"),
    path("<uuid:uid>/file/", views.file, name="file"),
    path("<uuid:uid>/discard/", views.discard, name="discard"),
]
