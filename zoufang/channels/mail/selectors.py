"""Named reads of mail: which opinion a mail of ours was about."""

from collections.abc import Collection

from zoufang.notifications.models import Outgoing
from zoufang.notifications.vocabulary import Way


def about_what(message_ids: Collection[str]) -> str:
    """Return the number of the opinion of which a mail of ours with one of these identifiers spoke; empty if none did."""
    ours = Outgoing.objects.filter(way=Way.MAIL, provider_id__in=message_ids).exclude(about="")
    return ours.order_by("-pk").values_list("about", flat=True).first() or ""
