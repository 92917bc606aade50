"""The desk of the audit administrator: who did what, when — never what a citizen said."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from zoufang.accounts import selectors
from zoufang.accounts.access import OfficerRequest
from zoufang.accounts.forms import AuditFilter
from zoufang.audit.models import AuditRecord
from zoufang.audit.views import exporting
from zoufang.organization import access
from zoufang.organization.access import Do
from zoufang.ui.listing import Column, listing

# What the records of the house itself say is the auditor's business; what those of the work say is not.
_HOUSE = frozenset({"unit", "officer", "session", "token", "special_day"})


def _detail(record: AuditRecord) -> str:
    shown: dict[str, Any] = record.detail if record.action.split(".")[0] in _HOUSE else {}
    return json.dumps(shown, ensure_ascii=False, sort_keys=True) if shown else ""


_COLUMNS = (
    Column("at", gettext_lazy("时间"), lambda record: record.at),
    Column(
        "by",
        gettext_lazy("操作人"),
        lambda record: (
            _("%(name)s（%(note)s）") % {"name": record.by.name, "note": record.by.username} if record.by else _("系统")
        ),
    ),
    Column("action", gettext_lazy("操作"), lambda record: record.action, key=True),
    Column("object_type", gettext_lazy("对象类型"), lambda record: record.object_type),
    Column("object_id", gettext_lazy("对象编号"), lambda record: record.object_id),
    Column("detail", gettext_lazy("内容"), _detail, wide=True),
    Column("place", gettext_lazy("链与序号"), lambda record: f"{record.chain}/{record.seq}"),
)


@require_GET
def audit_records(request: OfficerRequest) -> HttpResponseBase:
    access.require(request.user, Do.SEE_AUDIT)
    return listing(
        request,
        selectors.records_seen_by(request.user),
        title=_("审计记录"),
        columns=_COLUMNS,
        filters=AuditFilter(),
        exported=exporting("audit", request),
        note=_("记录只增不改，由数据库逐条链接。完整性用命令 zoufang audit verify 核验。"),
    )
