"""What the verbs of petitions and disputes share."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import connection
from django.utils.translation import gettext as _

from zoufang.casework import selectors
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.kernel.refusal import Conflict, Invalid
from zoufang.organization.models import Officer, Unit

Row = TypeVar("Row", PetitionCase, Dispute)


def next_pk(model: type[PetitionCase] | type[Dispute]) -> int:
    """Draw the next primary key beforehand, so that the number made of it is unique and never used again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        return int(cursor.fetchone()[0])


def same(known: Row, facts: Mapping[str, Any]) -> Row:
    if any(getattr(known, name) != value for name, value in facts.items()):
        raise Conflict(_("编号 %(no)s 已登记，内容与本次不同。") % {"no": known.no})
    return known


def require_near(unit: Unit, *officers: Officer | None) -> None:
    wanted = {officer.pk for officer in officers if officer is not None}
    if selectors.officers_who_may_answer_for(unit).filter(pk__in=wanted).count() != len(wanted):
        raise Invalid(_("责任人、包案领导应当属于办理单位或其上下级单位。"))


def require_text(text: str, message: str) -> None:
    if not text.strip():
        raise Invalid(message)
