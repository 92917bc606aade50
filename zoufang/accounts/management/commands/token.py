"""`zoufang token create USER [--name NAME]`, `zoufang token list USER`, `zoufang token revoke ID`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from zoufang.accounts import selectors, services
from zoufang.accounts.models import Token
from zoufang.organization.models import Officer


class Command(BaseCommand):
    help = "Make, list and revoke the tokens that programs show to the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token and print it, once")
        create.add_argument("username")
        create.add_argument("--name", default="API", help="what it is for")
        listed = verbs.add_parser("list", help="list the live tokens of an officer")
        listed.add_argument("username")
        revoke = verbs.add_parser("revoke", help="revoke a token by its number")
        revoke.add_argument("pk", type=int)

    def handle(self, *, verb: str, **options: Any) -> None:
        now = timezone.now()
        if verb == "create":
            officer = self._officer(options["username"])
            _token, text = services.make_token(officer, name=options["name"], by=None, now=now)
            self.stdout.write(text)
        elif verb == "list":
            for token in selectors.tokens_of(self._officer(options["username"])):
                used = token.last_used_at.isoformat() if token.last_used_at else "-"
                self.stdout.write(f"{token.pk}\t{token.name}\t{token.created_at.isoformat()}\t{used}")
        else:
            found = Token.objects.filter(pk=options["pk"]).select_related("officer").first()
            if found is None:
                raise CommandError(f"there is no token {options['pk']}")
            services.revoke_token(found, by=None, now=now)

    def _officer(self, username: str) -> Officer:
        officer = Officer.objects.filter(username=username, is_active=True).first()
        if officer is None:
            raise CommandError(f"there is no active account {username!r}")
        return officer
