from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "zoufang.site"

    def ready(self) -> None:
        from zoufang.site import checks  # noqa: F401 - importing it registers the checks
