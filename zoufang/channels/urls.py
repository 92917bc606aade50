"""The visit office's pages about what other systems deliver."""

from django.urls import path

from zoufang.channels import views

app_name = "channels"
urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("channels/", views.overview, name="overview"),
    path("tray/", views.tray, name="tray"),
    path("<int:pk>/", views.delivery, name="delivery"),
    path("<int:pk>/open/", views.open_delivery, name="open_delivery"),
    path("<int:pk>/take/", views.take_delivery, name="take_delivery"),
    path("<int:pk>/discard/", views.discard_delivery, name="discard_delivery"),
]
