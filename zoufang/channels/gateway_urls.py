"""The doors of systems that deliver on behalf of citizens; both processes serve them."""

from django.urls import path

from zoufang.channels.api import gateway

app_name = "gateway"
urlpatterns = [
    path("v1/sms", gateway.sms, name="sms"),
    path("v1/sms/reports", gateway.sms_report, name="sms_report"),
    path("v1/feed/<slug:name>", gateway.feed, name="feed"),
    path("v1/transfers/<slug:name>", gateway.transfer, name="transfer"),
    path("v1/transfers/<slug:name>/<str:source_no>", gateway.transfer_answer, name="transfer_answer"),
]
