from django.urls import path

from zoufang.casework import views

app_name = "casework"
urlpatterns = [
    path("petitions/", views.petitions, name="petitions"),
    path("petitions/new/", views.new_petition, name="new_petition"),
    path("petitions/<int:pk>/", views.petition, name="petition"),
    path("petitions/<int:pk>/deadlines/", views.petition_deadlines, name="petition_deadlines"),
    path("petitions/<int:pk>/<str:step>/", views.petition_step, name="petition_step"),
    path("disputes/", views.disputes, name="disputes"),
    path("disputes/new/", views.new_dispute, name="new_dispute"),
    path("disputes/<int:pk>/", views.dispute, name="dispute"),
    path("disputes/<int:pk>/<str:step>/", views.dispute_step, name="dispute_step"),
]
