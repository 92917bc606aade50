from django.urls import path

from zoufang.statistics import views
from zoufang.statistics.views import analysis, pivots

app_name = "statistics"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("wall/", views.wall, name="wall"),
    path("table/", views.table, name="table"),
    path("pivot/", pivots.pivot, name="pivot"),
    path("pivot/save/", pivots.save_table, name="save_table"),
    path("pivot/saved/", pivots.saved_tables, name="saved_tables"),
    path("pivot/saved/<int:pk>/", pivots.saved_table, name="saved_table"),
    path("pivot/saved/<int:pk>/open/", pivots.open_saved_table, name="open_saved_table"),
    path("pivot/saved/<int:pk>/copy/", pivots.copy_saved_table, name="copy_saved_table"),
    path("pivot/saved/<int:pk>/delete/", pivots.delete_saved_table, name="delete_saved_table"),
    path("topics/", analysis.topics, name="topics"),
    path("hot-spots/", analysis.hot_spots, name="hot_spots"),
    path("similar/", analysis.similar, name="similar"),
    path("similar/<slug:key>/", analysis.similar_rows, name="similar_rows"),
    path("catalogue/", views.catalogue, name="catalogue"),
    path("rows/<str:code>/", views.rows, name="rows"),
    path("figures/", views.figures, name="figures"),
    path("figures/new/", views.report, name="report"),
    path("figures/<int:pk>/", views.figure, name="figure"),
    path("figures/<int:pk>/approve/", views.approve, name="approve"),
    path("figures/<int:pk>/reject/", views.reject, name="reject"),
]
