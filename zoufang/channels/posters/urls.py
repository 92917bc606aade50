from django.urls import path

from zoufang.channels.posters import views

app_name = "posters"
urlpatterns = [
    path("", views.choose, name="choose"),
    path("print/", views.print_posters, name="print"),
    path("windows/new/", views.new_window, name="new_window"),
    path("<int:pk>/take-down/", views.take_down, name="take_down"),
]
