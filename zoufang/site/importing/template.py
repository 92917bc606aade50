"""The office's template of a table: an empty .xlsx with the heads, the choices in lists, and a page of explanation."""

from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from zoufang.site.importing.columns import Column, Holds
from zoufang.site.importing.desk import Importer

ROWS = 5000

_FORMATS = {Holds.MOMENT: "yyyy-mm-dd hh:mm", Holds.DAY: "yyyy-mm-dd"}


def write_template(importer: Importer, file: Path) -> None:
    """
    Write the template of one kind of table.

    :raises OSError: if the file cannot be written.
    """
    try:
        with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as workbook:
            _table(workbook, importer.columns)
            _guide(workbook, importer.columns)
            _options(workbook, importer.columns)
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OSError(str(error)) from error


def _table(workbook: Any, columns: tuple[Column, ...]) -> None:
    sheet = workbook.add_worksheet(_("数据"))
    needed = workbook.add_format({"bold": True, "bg_color": "#DCE9F5", "border": 1})
    optional = workbook.add_format({"bold": True, "border": 1})
    for place, column in enumerate(columns):
        # Cells of text keep a number as it is typed: unit codes and identifiers have more digits than a number has.
        kept = workbook.add_format({"num_format": _FORMATS.get(column.holds, "@")})
        sheet.set_column(place, place, 36 if column.holds is Holds.TEXT else 20, kept)
        sheet.write_string(0, place, column.title, needed if column.required else optional)
        if column.options:
            letter = xl_col_to_name(place)
            source = f"='{_('选项')}'!${letter}$2:${letter}${len(column.options) + 1}"
            sheet.data_validation(1, place, ROWS, place, {"validate": "list", "source": source})
    sheet.freeze_panes(1, 0)


def _guide(workbook: Any, columns: tuple[Column, ...]) -> None:
    sheet = workbook.add_worksheet(_("说明"))
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    for place, (head, width) in enumerate(((_("列"), 18), (_("必填"), 8), (_("示例"), 36), (_("可选值"), 80))):
        sheet.write_string(0, place, head, bold)
        sheet.set_column(place, place, width, wrapped)
    for row, column in enumerate(columns, start=1):
        words = (column.title, _("是") if column.required else "", column.example, "、".join(column.options))
        for place, word in enumerate(words):
            sheet.write_string(row, place, word)


def _options(workbook: Any, columns: tuple[Column, ...]) -> None:
    sheet = workbook.add_worksheet(_("选项"))
    for place, column in enumerate(columns):
        for row, word in enumerate([column.title, *column.options] if column.options else []):
            sheet.write_string(row, place, word)
    sheet.hide()
