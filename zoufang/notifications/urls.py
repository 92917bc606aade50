from django.urls import path

from zoufang.notifications import views

app_name = "notifications"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<int:pk>/", views.open_notice, name="open_notice"),
    path("outgoing/", views.outgoing, name="outgoing"),
    path("outgoing/<int:pk>/resend/", views.resend, name="resend"),
]
