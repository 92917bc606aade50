from django.urls import path

from zoufang.ledgers import views

app_name = "ledgers"
urlpatterns = [
    path("", views.ledgers, name="list"),
    path("<slug:code>/", views.ledger, name="ledger"),
]
