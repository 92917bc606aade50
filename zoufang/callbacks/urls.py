from django.urls import path

from zoufang.callbacks import views

app_name = "callbacks"
urlpatterns = [
    path("", views.to_call, name="to_call"),
    path("all/", views.sampled, name="sampled"),
    path("denied/", views.denied, name="denied"),
]
