"""The smallest bureau that has everything the organization's and the accounts' tests need."""

from datetime import UTC, datetime

from zoufang.organization.models import Officer, Role, Unit
from zoufang.organization.services import appoint, open_officer, open_unit

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PASSWORD = "sound-Watch-27"


class Bureau:
    """A bureau with a county bureau, two stations and a police room; officers are made as asked for."""

    def __init__(self) -> None:
        self.root = self.open("410800000000", "市局", Unit.Kind.BUREAU, None)
        self.county = self.open("410823000000", "武陟县公安局", Unit.Kind.COUNTY_BUREAU, self.root, peers="XS")
        self.rural = self.open("410823500000", "武陟城关派出所", Unit.Kind.STATION, self.county)
        self.station = self.open("410800570000", "星河派出所", Unit.Kind.STATION, self.root, peers="CQ")
        self.brigade = self.open("410800570100", "星河派出所社区警务大队", Unit.Kind.BRIGADE, self.station)
        self.room = self.open("410800570001", "东焦作警务室", Unit.Kind.POLICE_ROOM, self.brigade)
        self.other = self.open("410800550000", "焦南派出所", Unit.Kind.STATION, self.root, peers="CQ")

    def open(self, code: str, name: str, kind: str, parent: Unit | None, *, peers: str = "") -> Unit:
        return open_unit(
            code=code,
            name=name,
            name_en=f"{name} (English)",
            kind=kind,
            parent=parent,
            peer_group=peers,
            by=None,
            now=NOW,
        )

    def officer(self, username: str, *roles: Role, unit: Unit | None = None, over: Unit | None = None) -> Officer:
        unit = unit or self.root
        officer = open_officer(
            username=username, name="王小明", unit=unit, password=PASSWORD, temporary=False, by=None, now=NOW
        )
        for role in roles:
            appoint(officer, role=role, over=over or unit, by=None, now=NOW)
        return officer
