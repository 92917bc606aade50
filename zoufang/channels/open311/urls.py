from django.urls import path

from zoufang.channels.open311 import views

app_name = "clients"
urlpatterns = [
    path("", views.clients, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]
