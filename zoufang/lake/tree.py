"""The units of all bureaus of a lake, as one tree: the nation, its provinces, their bureaus, what lies below them."""

import csv
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _

from zoufang.kernel.refusal import Invalid
from zoufang.lake.manifest import Manifest
from zoufang.organization.models import Unit

_REFERENCE = Path(__file__).parent / "reference" / "provinces.csv"
_NATION = "000000000000"


class Tree:
    """
    The units of a lake. They are no rows of a database: their primary keys and paths are of this tree only.

    A province stands above its bureaus if the lake has several of them, and the nation above several provinces; the
    first two digits of a bureau's code say which province it is in (GB/T 2260).

    :raises Invalid: if two bureaus both say that a unit is theirs.
    """

    def __init__(self, manifests: Sequence[Manifest]) -> None:
        self.by_code: dict[str, Unit] = {}
        self._children: dict[int, list[Unit]] = {}
        bureaus = {manifest.bureau for manifest in manifests}
        provinces = {_province(code) for code in bureaus}
        nation = self._add(_NATION, *_names(_NATION)) if len(provinces) > 1 else None
        # The bureaus of a province stand below it; one that is the province, or its only bureau, stands in its place.
        for manifest in sorted(manifests, key=lambda each: each.bureau):
            province = _province(manifest.bureau)
            above = nation
            if manifest.bureau != province and len([code for code in bureaus if _province(code) == province]) > 1:
                above = self.by_code.get(province) or self._add(province, *_names(province), above=nation)
            self._plant(manifest, above)

    @property
    def root(self) -> Unit:
        return next(iter(self.by_code.values()))

    @property
    def paths(self) -> dict[int, str]:
        return {unit.pk: unit.path for unit in self.by_code.values()}

    def children(self, unit: Unit) -> list[Unit]:
        return self._children.get(unit.pk, [])

    def called(self, code: str) -> Unit:
        """
        Return the unit with this code, the root if it is empty.

        :raises Invalid: if there is none.
        """
        if code and code not in self.by_code:
            raise Invalid(_("没有代码为“%(code)s”的单位。") % {"code": code[:20]})
        return self.by_code[code] if code else self.root

    def _plant(self, manifest: Manifest, above: Unit | None) -> None:
        for row in manifest.units:
            if row["code"] in self.by_code:
                raise Invalid(
                    _("单位 %(code)s 在数据湖中出现两次，其中一次属于 %(bureau)s。")
                    % {"code": row["code"], "bureau": manifest.bureau}
                )
            parent = self.by_code[row["parent"]] if row["parent"] else above
            days = [row[name] and date.fromisoformat(row[name]) for name in ("valid_from", "valid_to")]
            self._add(row["code"], row["name"], row["name_en"], *days, above=parent)

    def _add(
        self,
        code: str,
        name: str,
        name_en: str,
        valid_from: date | None = None,
        valid_to: date | None = None,
        *,
        above: Unit | None = None,
    ) -> Unit:
        pk = len(self.by_code) + 1
        path = f"{above.path if above else '/'}{pk}/"
        unit = Unit(pk=pk, code=code, name=name, name_en=name_en, path=path, valid_from=valid_from, valid_to=valid_to)
        self.by_code[code] = unit
        if above is not None:
            self._children.setdefault(above.pk, []).append(unit)
        return unit


def _province(code: str) -> str:
    return f"{code[:2]}0000000000"


def _names(region: str) -> tuple[str, str]:
    return _regions().get(region[:2], (region, region))


@cache
def _regions() -> dict[str, tuple[str, str]]:
    with _REFERENCE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: (row["name"], row["name_en"]) for row in csv.DictReader(file)}
