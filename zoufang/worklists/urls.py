from django.urls import path

from zoufang.worklists.views import bulk, keeping

app_name = "worklists"
urlpatterns = [
    path("", bulk.runs, name="runs"),
    path("views/", keeping.views, name="views"),
    path("views/new/", keeping.save, name="save"),
    path("views/tabs/", keeping.tabs, name="tabs"),
    path("views/<int:pk>/", keeping.view, name="view"),
    path("views/<int:pk>/delete/", keeping.delete, name="delete_view"),
    path("bulk/<str:step>/", bulk.bulk, name="bulk"),
    path("print/<str:what>/", bulk.print_marked, name="print"),
    path("runs/<uuid:uid>/", bulk.run, name="run"),
    path("runs/<uuid:uid>/undo/", bulk.undo, name="undo"),
]
