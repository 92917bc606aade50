from django.urls import path

from zoufang.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.milestones, name="milestones"),
    path("new/", views.new, name="new"),
]
