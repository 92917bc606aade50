from django.urls import path

from zoufang.opinions import views

app_name = "opinions"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("opinions/", views.opinions, name="list"),
    path("opinions/new/", views.register, name="new"),
    path("duty-coverage/", views.duty_coverage, name="duty_coverage"),
    path("opinions/said/", views.said_already, name="said_already"),
    path("opinions/rectifications/<str:no>/", views.rectification, name="rectification"),
    path("opinions/<str:no>/", views.detail, name="detail"),
    path("opinions/<str:no>/contact/", views.contact, name="contact"),
    path("opinions/<str:no>/files/", views.add_files, name="add_files"),
    path("opinions/<str:no>/files/<int:pk>/", views.attachment, name="attachment"),
    path("opinions/<str:no>/refer/unit/", views.suggested_unit, name="suggested_unit"),
    path("opinions/<str:no>/measure/hints/", views.measure_hints, name="measure_hints"),
    path("opinions/<str:no>/parts/<int:pk>/", views.part, name="part"),
    path("opinions/<str:no>/deadlines/", views.deadlines, name="deadlines"),
    path("opinions/<str:no>/similar/", views.similar, name="similar"),
    path("opinions/<str:no>/<str:step>/", views.take_step, name="step"),
]
