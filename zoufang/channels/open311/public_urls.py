"""GeoReport v2 under its own addresses, beside the citizens' pages."""

from django.urls import path, register_converter

from zoufang.channels.open311 import public_views
from zoufang.channels.open311.rules import TYPES


class Form:
    """How an answer is written: `json` or `xml`."""

    regex = "|".join(TYPES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Form, "georeport")

app_name = "open311"
urlpatterns = [
    path("discovery.<georeport:form>", public_views.discovery, name="discovery"),
    path("v2/services.<georeport:form>", public_views.services, name="services"),
    path("v2/services/<str:code>.<georeport:form>", public_views.service, name="service"),
    path("v2/requests.<georeport:form>", public_views.requests, name="requests"),
    path("v2/requests/<str:no>.<georeport:form>", public_views.one_request, name="request"),
    path("v2/tokens/<str:token>.<georeport:form>", public_views.token, name="token"),
]
