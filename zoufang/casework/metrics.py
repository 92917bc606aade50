"""What is counted about petitions and disputes: as of a date, from facts that a later reopening does not change."""

from datetime import timedelta

from django.db.models import DateField, DateTimeField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from zoufang.casework.ledger import DISPUTE_LEDGER, PETITION_LEDGER
from zoufang.casework.models import Dispute, PetitionCase
from zoufang.casework.vocabulary import DisputeCategory, Level
from zoufang.metrics.engine import Category, Clock, Count, Ratio

PETITION_SOURCE = _("信访积案台账")
DISPUTE_SOURCE = _("矛盾纠纷台账")


def _backlog() -> QuerySet[PetitionCase]:
    """Return the petition backlog that the provincial department assigned."""
    return PetitionCase.objects.filter(is_backlog=True, level=Level.PROVINCE)


def _backlog_with_deadline() -> QuerySet[PetitionCase]:
    return _backlog().annotate(deadline_at=Coalesce("extended_to", "due_at"))


ASSIGNED = Count(
    code="petitions.assigned",
    title=_("省厅交办信访积案"),
    per=_("件"),
    source=PETITION_SOURCE,
    rows=_backlog,
    at="assigned_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=PETITION_LEDGER,
)

CLOSED = Count(
    code="petitions.closed",
    title=_("已办结信访积案"),
    per=_("件"),
    source=PETITION_SOURCE,
    note=_("截至期末已办结；期末之后才重新办理的仍计入。"),
    rows=_backlog,
    at="assigned_at",
    settled="handlings__closed_at",
    unsettled="handlings__reopened_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=PETITION_LEDGER,
)

OPEN = Count(
    code="petitions.open",
    title=_("未办结信访积案"),
    per=_("件"),
    source=PETITION_SOURCE,
    rows=_backlog,
    at="assigned_at",
    settled="handlings__opened_at",
    unsettled="handlings__closed_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=PETITION_LEDGER,
)

CLOSURE_RATE = Ratio(
    code="petitions.closure_rate", title=_("信访积案办结率"), source=PETITION_SOURCE, part=CLOSED, whole=ASSIGNED
)

OVERDUE = Count(
    code="petitions.overdue",
    title=_("超期未办结信访积案"),
    per=_("件"),
    source=PETITION_SOURCE,
    note=_("期末已到期（含延期）而未办结。"),
    rows=_backlog_with_deadline,
    at="deadline_at",
    settled="handlings__opened_at",
    unsettled="handlings__closed_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=PETITION_LEDGER,
)

FALLING_DUE = Count(
    code="petitions.falling_due",
    title=_("到期未办结信访积案"),
    per=_("件"),
    source=PETITION_SOURCE,
    note=_("期限（含延期）在期内届满，期末尚未办结；期限日次日为到期。"),
    rows=_backlog_with_deadline,
    at="deadline_at",
    settled="handlings__opened_at",
    unsettled="handlings__closed_at",
    owner="unit",
    ledger=PETITION_LEDGER,
)

_BY_CATEGORY = {"category": Category("category", DisputeCategory)}


def _disputes() -> QuerySet[Dispute]:
    return Dispute.objects.all()


def _with_first_late_day() -> QuerySet[Dispute]:
    following = ExpressionWrapper(F("due_on") + timedelta(days=1), DateTimeField())
    return Dispute.objects.annotate(late_on=Cast(following, DateField()))


SCREENED = Count(
    code="disputes.screened",
    title=_("排查矛盾纠纷"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    rows=_disputes,
    at="found_at",
    owner="unit",
    clock=Clock.AS_OF,
    categories=_BY_CATEGORY,
    ledger=DISPUTE_LEDGER,
)

CATEGORIES = Count(
    code="disputes.categories",
    title=_("矛盾纠纷类别"),
    per=_("类"),
    source=DISPUTE_SOURCE,
    note=_("有发生的类别数。"),
    rows=_disputes,
    at="found_at",
    owner="unit",
    clock=Clock.AS_OF,
    distinct="category",
    ledger=DISPUTE_LEDGER,
)

RESOLVED = Count(
    code="disputes.resolved",
    title=_("化解矛盾纠纷"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    note=_("截至期末已化解；期末之后才出现反复的仍计入。"),
    rows=_disputes,
    at="found_at",
    settled="mediations__resolved_at",
    unsettled="mediations__reopened_at",
    owner="unit",
    clock=Clock.AS_OF,
    categories=_BY_CATEGORY,
    ledger=DISPUTE_LEDGER,
)

UNRESOLVED = Count(
    code="disputes.unresolved",
    title=_("未化解矛盾纠纷"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    rows=_disputes,
    at="found_at",
    settled="mediations__opened_at",
    unsettled="mediations__resolved_at",
    owner="unit",
    clock=Clock.AS_OF,
    categories=_BY_CATEGORY,
    ledger=DISPUTE_LEDGER,
)

UNRESOLVED_ASSIGNED = Count(
    code="disputes.unresolved_assigned",
    title=_("未化解已落实责任人"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    rows=_disputes,
    at="found_at",
    settled="mediations__assigned_at",
    unsettled="mediations__resolved_at",
    owner="unit",
    clock=Clock.AS_OF,
    categories=_BY_CATEGORY,
    ledger=DISPUTE_LEDGER,
)

UNRESOLVED_UNASSIGNED = Count(
    code="disputes.unresolved_unassigned",
    title=_("未化解未落实责任人"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    # Whatever was resolved had been assigned by then, so being assigned is the first end of being nobody's.
    rows=_disputes,
    at="found_at",
    settled="mediations__opened_at",
    unsettled="mediations__assigned_at",
    owner="unit",
    clock=Clock.AS_OF,
    categories=_BY_CATEGORY,
    ledger=DISPUTE_LEDGER,
)

DISPUTES_OVERDUE = Count(
    code="disputes.overdue",
    title=_("超期未化解矛盾纠纷"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    note=_("期末化解期限已过而未化解。"),
    rows=_with_first_late_day,
    at="late_on",
    settled="mediations__opened_at",
    unsettled="mediations__resolved_at",
    owner="unit",
    clock=Clock.AS_OF,
    ledger=DISPUTE_LEDGER,
)

DISPUTES_FALLING_DUE = Count(
    code="disputes.falling_due",
    title=_("到期未化解矛盾纠纷"),
    per=_("起"),
    source=DISPUTE_SOURCE,
    note=_("化解期限在期内届满，期末尚未化解；期限日次日为到期。"),
    rows=_with_first_late_day,
    at="late_on",
    settled="mediations__opened_at",
    unsettled="mediations__resolved_at",
    owner="unit",
    ledger=DISPUTE_LEDGER,
)

RESOLUTION_RATE = Ratio(
    code="disputes.resolution_rate",
    title=_("矛盾纠纷化解率"),
    source=DISPUTE_SOURCE,
    part=RESOLVED,
    whole=SCREENED,
)

ASSIGNMENT_RATE = Ratio(
    code="disputes.assignment_rate",
    title=_("未化解纠纷责任人落实率"),
    source=DISPUTE_SOURCE,
    part=UNRESOLVED_ASSIGNED,
    whole=UNRESOLVED,
)

METRICS = (
    ASSIGNED,
    CLOSED,
    OPEN,
    CLOSURE_RATE,
    OVERDUE,
    FALLING_DUE,
    SCREENED,
    CATEGORIES,
    RESOLVED,
    UNRESOLVED,
    UNRESOLVED_ASSIGNED,
    UNRESOLVED_UNASSIGNED,
    DISPUTES_OVERDUE,
    DISPUTES_FALLING_DUE,
    RESOLUTION_RATE,
    ASSIGNMENT_RATE,
)
