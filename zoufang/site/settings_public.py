"""
Settings of a process that serves citizens only: no officers' doors, no sessions, nobody signed in.

`DJANGO_SETTINGS_MODULE=zoufang.site.settings_public`; everything else as in `settings`. It can run on a machine of
its own, with a database role of its own.
"""

from zoufang.site import settings as officers
from zoufang.site.settings import *  # noqa: F403

_NOT_HERE = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zoufang.accounts.middleware.SignInRequired",
    "axes.middleware.AxesMiddleware",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "zoufang.site.navigation.navigation",
}

ROOT_URLCONF = "zoufang.site.urls_citizens"
INSTALLED_APPS = [app for app in officers.INSTALLED_APPS if app != "axes"]
AUTHENTICATION_BACKENDS = []
MIDDLEWARE = [entry for entry in officers.MIDDLEWARE if entry not in _NOT_HERE]


def _without_officers(template: dict[str, object]) -> dict[str, object]:
    options = dict(template["OPTIONS"])  # type: ignore[call-overload]
    options["context_processors"] = [one for one in options["context_processors"] if one not in _NOT_HERE]
    return template | {"OPTIONS": options}


TEMPLATES = [_without_officers(template) for template in officers.TEMPLATES]
