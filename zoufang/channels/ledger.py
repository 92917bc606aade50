"""Deliveries as rows: what numbers about channels open onto."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zoufang.channels.models import Delivery
from zoufang.channels.selectors import deliveries_seen_by
from zoufang.channels.vocabulary import Channel, State, Why
from zoufang.ui.columns import Column, label_of
from zoufang.ui.ledger import Ledger

TONES = {State.TAKEN: "done", State.DUPLICATE: "neutral", State.IN_TRAY: "waiting", State.DISCARDED: "neutral"}


def delivery_page(row: Delivery) -> str:
    return reverse("channels:delivery", args=[row.pk])


def _opinion_page(row: Delivery) -> str:
    return reverse("opinions:detail", args=[row.opinion.no]) if row.opinion else ""


COLUMNS = (
    Column("received_at", _("到件时间"), lambda row: row.received_at, link=delivery_page, key=True),
    Column("channel", _("渠道"), label_of("channel", Channel)),
    Column("state", _("处理状态"), label_of("state", State), badge=lambda row: TONES[State(row.state)]),
    Column("why", _("未接收原因"), label_of("why", Why)),
    Column("detail", _("原因说明"), lambda row: row.detail, wide=True),
    Column("opinion", _("意见建议"), lambda row: row.opinion and row.opinion.no, link=_opinion_page, code=True),
    Column("provider_id", _("对方编号"), lambda row: row.provider_id),
)


def _rows(viewer: Any) -> Any:
    return deliveries_seen_by(viewer)


DELIVERY_LEDGER = Ledger(code="deliveries", title=_("来件"), columns=COLUMNS, rows=_rows)
