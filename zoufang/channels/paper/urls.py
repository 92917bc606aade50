from django.urls import path

from zoufang.channels.paper import views

app_name = "paper"
urlpatterns = [
    path("type/", views.type_sheets, name="type"),
    path("sheet/", views.sheet, name="sheet"),
    path("series/", views.series, name="series"),
    path("series/new/", views.new_series, name="new_series"),
    path("series/<int:pk>/", views.series_page, name="series_page"),
    path("series/<int:pk>/print/", views.print_sheets, name="print"),
]
