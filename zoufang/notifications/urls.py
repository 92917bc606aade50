from django.urls import path

from zoufang.notifications import views

app_name = "notifications"
urlpatterns = [
    path("outgoing/", views.outgoing, name="outgoing"),
    path("outgoing/<int:pk>/resend/", views.resend, name="resend"),
]
