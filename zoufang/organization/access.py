"""Who may do what, where: the one policy table, and the one gate that every verb passes."""

from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from zoufang.kernel.refusal import NotAllowed
from zoufang.organization.models import Officer, Role, Unit, UnitQuerySet


class Do(StrEnum):
    """Everything that a person may be let do. Seeing is doing."""

    SEE_OPINIONS = "see_opinions"
    REGISTER_OPINION = "register_opinion"
    REFER_OPINION = "refer_opinion"
    REFER_COMPLAINT = "refer_complaint"
    TREAT_AS_COMPLAINT = "treat_as_complaint"
    DESIGNATE_UNIT = "designate_unit"
    JOIN_OPINIONS = "join_opinions"
    SIGN_REFERRAL = "sign_referral"
    RETURN_REFERRAL = "return_referral"
    NOTE_CONTACT = "note_contact"
    PAUSE_OPINION = "pause_opinion"
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"
    WRITE_MEASURE = "write_measure"
    RECTIFY_OPINION = "rectify_opinion"
    VERIFY_RECTIFICATION = "verify_rectification"
    DRAFT_REPLY = "draft_reply"
    APPROVE_REPLY = "approve_reply"
    GIVE_FEEDBACK = "give_feedback"
    CALL_BACK = "call_back"
    CLOSE_OPINION = "close_opinion"
    REOPEN_OPINION = "reopen_opinion"
    KEEP_TEMPLATES = "keep_templates"
    PROPOSE_PUBLICATION = "propose_publication"
    APPROVE_PUBLICATION = "approve_publication"
    WITHDRAW_PUBLICATION = "withdraw_publication"
    SEE_CONTACT = "see_contact"
    SEE_COMPLAINANT = "see_complainant"
    SETTLE_DELIVERY = "settle_delivery"
    SEE_VISITS = "see_visits"
    RECORD_VISIT = "record_visit"
    VOID_VISIT = "void_visit"
    SEE_CASEWORK = "see_casework"
    RECORD_CASEWORK = "record_casework"
    SEE_STATISTICS = "see_statistics"
    SHARE_TABLE = "share_table"
    REPORT_FIGURE = "report_figure"
    APPROVE_FIGURE = "approve_figure"
    SEE_BULLETINS = "see_bulletins"
    DRAFT_BULLETIN = "draft_bulletin"
    ISSUE_BULLETIN = "issue_bulletin"
    KEEP_CAMPAIGN = "keep_campaign"
    KEEP_OUTGOING = "keep_outgoing"
    KEEP_DOORS = "keep_doors"
    IMPORT_ROWS = "import_rows"
    KEEP_ORGANIZATION = "keep_organization"
    SEE_DUTY_COVERAGE = "see_duty_coverage"
    KEEP_ACCOUNTS = "keep_accounts"
    SEE_AUDIT = "see_audit"


_READERS = {Role.OFFICER, Role.CLERK, Role.LEADER, Role.VISIT_OFFICE, Role.INSPECTOR, Role.CHIEF}

# One row a thing to do: the roles that may, each over the subtree of the unit its duty names.
POLICY: dict[Do, frozenset[Role]] = {
    Do.SEE_OPINIONS: frozenset(_READERS),
    Do.REGISTER_OPINION: frozenset({Role.OFFICER, Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.REFER_OPINION: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    # A complaint about the visit office itself finds its way too.
    Do.REFER_COMPLAINT: frozenset({Role.CLERK, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.TREAT_AS_COMPLAINT: frozenset({Role.CLERK, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.DESIGNATE_UNIT: frozenset({Role.VISIT_OFFICE}),
    Do.JOIN_OPINIONS: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.SIGN_REFERRAL: frozenset({Role.CLERK, Role.LEADER}),
    Do.RETURN_REFERRAL: frozenset({Role.CLERK, Role.LEADER}),
    Do.NOTE_CONTACT: frozenset({Role.CLERK, Role.LEADER}),
    Do.PAUSE_OPINION: frozenset({Role.CLERK, Role.LEADER}),
    Do.ASK_EXTENSION: frozenset({Role.CLERK, Role.LEADER}),
    Do.DECIDE_EXTENSION: frozenset({Role.VISIT_OFFICE}),
    Do.WRITE_MEASURE: frozenset({Role.CLERK, Role.LEADER}),
    Do.RECTIFY_OPINION: frozenset({Role.CLERK}),
    Do.VERIFY_RECTIFICATION: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.DRAFT_REPLY: frozenset({Role.CLERK}),
    Do.APPROVE_REPLY: frozenset({Role.LEADER, Role.VISIT_OFFICE}),
    Do.GIVE_FEEDBACK: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.CALL_BACK: frozenset({Role.CLERK, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.CLOSE_OPINION: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.REOPEN_OPINION: frozenset({Role.LEADER, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.KEEP_TEMPLATES: frozenset({Role.VISIT_OFFICE}),
    Do.PROPOSE_PUBLICATION: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.APPROVE_PUBLICATION: frozenset({Role.LEADER, Role.VISIT_OFFICE}),
    Do.WITHDRAW_PUBLICATION: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.SEE_CONTACT: frozenset({Role.CLERK, Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.SEE_COMPLAINANT: frozenset({Role.VISIT_OFFICE, Role.INSPECTOR}),
    Do.SETTLE_DELIVERY: frozenset({Role.VISIT_OFFICE}),
    Do.SEE_VISITS: frozenset(_READERS),
    Do.RECORD_VISIT: frozenset({Role.OFFICER, Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.VOID_VISIT: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.SEE_CASEWORK: frozenset(_READERS),
    Do.RECORD_CASEWORK: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.SEE_STATISTICS: frozenset(_READERS | {Role.EVALUATOR}),
    Do.SHARE_TABLE: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE, Role.INSPECTOR, Role.EVALUATOR, Role.CHIEF}),
    Do.REPORT_FIGURE: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.APPROVE_FIGURE: frozenset({Role.LEADER, Role.VISIT_OFFICE}),
    Do.SEE_BULLETINS: frozenset(_READERS | {Role.EVALUATOR}),
    Do.DRAFT_BULLETIN: frozenset({Role.VISIT_OFFICE}),
    Do.ISSUE_BULLETIN: frozenset({Role.VISIT_OFFICE}),
    Do.KEEP_CAMPAIGN: frozenset({Role.VISIT_OFFICE}),
    Do.KEEP_OUTGOING: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.KEEP_DOORS: frozenset({Role.CLERK, Role.LEADER, Role.VISIT_OFFICE}),
    Do.IMPORT_ROWS: frozenset({Role.CLERK, Role.VISIT_OFFICE}),
    Do.KEEP_ORGANIZATION: frozenset({Role.SYSTEM_ADMIN}),
    Do.SEE_DUTY_COVERAGE: frozenset({Role.VISIT_OFFICE, Role.SYSTEM_ADMIN}),
    Do.KEEP_ACCOUNTS: frozenset({Role.SECURITY_ADMIN}),
    Do.SEE_AUDIT: frozenset({Role.AUDIT_ADMIN}),
}


def duty_units(officer: Officer, do: Do, *, roles: frozenset[Role] | None = None) -> list[Unit]:
    """Return the units over whose subtrees the officer's duties allow `do`; `roles` narrows to some of them."""
    roles = POLICY[do] if roles is None else POLICY[do] & roles
    return [duty.unit for duty in officer.duties_held if duty.role in roles]


def may(officer: Officer, do: Do, unit: Unit | None = None) -> bool:
    """May the officer do this to what belongs to `unit`, or anywhere at all if no unit is given?"""
    units = duty_units(officer, do)
    return bool(units) if unit is None else any(own.covers(unit) for own in units)


def require(officer: Officer, do: Do, unit: Unit | None = None) -> None:
    """
    Let the officer pass, or say who could.

    :raises NotAllowed: if none of the officer's duties allows `do` over `unit`.
    """
    if may(officer, do, unit):
        return
    roles = _("、").join(str(role.label) for role in Role if role in POLICY[do])
    if unit is None or not duty_units(officer, do):
        raise NotAllowed(_("这一步由%(roles)s办理，您的岗位没有这项权限。") % {"roles": roles})
    raise NotAllowed(
        _("%(unit)s不在您的管辖范围内，请由该单位的%(roles)s办理。") % {"unit": unit.label, "roles": roles}
    )


def within_reach(officer: Officer, do: Do, path: str, *, roles: frozenset[Role] | None = None) -> Q:
    """
    Return the filter that keeps the rows whose unit path (field `path`, e.g. `"heard_by__path"`) the officer reaches.

    An officer who reaches nothing gets a filter that keeps nothing: to forget a duty never shows more.
    """
    reach = Q(pk__in=[])
    units = duty_units(officer, do, roles=roles)
    for unit in units:
        if not any(other.covers(unit) and other.path != unit.path for other in units):
            reach |= Q(path__startswith=unit.path) if path == "path" else unit.holds(path.removesuffix("__path"))
    return reach


def units_in_reach(officer: Officer, do: Do) -> UnitQuerySet:
    """Return the units over which the officer may `do`."""
    return Unit.objects.filter(within_reach(officer, do, "path"))
