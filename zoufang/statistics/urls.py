from django.urls import path

from zoufang.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("wall/", views.wall, name="wall"),
    path("table/", views.table, name="table"),
    path("catalogue/", views.catalogue, name="catalogue"),
    path("rows/<str:code>/", views.rows, name="rows"),
    path("figures/", views.figures, name="figures"),
    path("figures/new/", views.report, name="report"),
    path("figures/<int:pk>/", views.figure, name="figure"),
    path("figures/<int:pk>/approve/", views.approve, name="approve"),
    path("figures/<int:pk>/reject/", views.reject, name="reject"),
]
