from django.urls import path

from zoufang.visits import views

app_name = "visits"
urlpatterns = [
    path("", views.visits, name="list"),
    path("new/", views.new, name="new"),
    path("new/officers/", views.officers, name="officers"),
    path("<uuid:uid>/", views.detail, name="detail"),
    path("<uuid:uid>/void/", views.void, name="void"),
]
