"""The pages of opinions: what waits for me, the list, one opinion, and its steps."""

from zoufang.opinions.views.lists import duty_coverage, inbox, opinions, register, said_already
from zoufang.opinions.views.opinion import (
    add_files,
    attachment,
    contact,
    deadlines,
    detail,
    part,
    rectification,
    similar,
)
from zoufang.opinions.views.step import measure_hints, suggested_unit, take_step

__all__ = [
    "add_files",
    "attachment",
    "contact",
    "deadlines",
    "detail",
    "duty_coverage",
    "inbox",
    "measure_hints",
    "opinions",
    "part",
    "rectification",
    "register",
    "said_already",
    "similar",
    "suggested_unit",
    "take_step",
]
