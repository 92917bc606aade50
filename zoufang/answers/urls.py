from django.urls import path

from zoufang.answers import views

app_name = "answers"
urlpatterns = [
    path("", views.publications, name="publications"),
    path("<int:pk>/", views.publication, name="publication"),
    path("<int:pk>/publish/", views.publish, name="publish"),
    path("<int:pk>/send-back/", views.send_back, name="send_back"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("of/<str:no>/", views.of_opinion, name="of_opinion"),
    path("of/<str:no>/propose/", views.propose, name="propose"),
    path("words/check/", views.check, name="check"),
    path("words/<str:no>/", views.words, name="words"),
    path("words/<str:no>/fill/", views.fill, name="fill"),
    path("templates/", views.templates, name="templates"),
    path("templates/new/", views.new_template, name="new_template"),
    path("templates/<int:pk>/", views.template, name="template"),
    path("templates/<int:pk>/retire/", views.retire, name="retire"),
]
