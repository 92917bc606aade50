"""Numbers kept counted: cells, and what has been written since they were last added up."""

from typing import ClassVar

from django.db import models


class Counted(models.Model):
    """
    A number that is kept in cells, and the very query that was kept.

    A number whose declaration says something else by now is counted from its rows until it is installed anew.
    """

    code = models.CharField(max_length=80, unique=True)
    digest = models.CharField(max_length=64)
    # Are the cells of what lies below units those of the tree as it is? When a unit moves, the database says no.
    carried = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code


class _Amount(models.Model):
    """
    What rows alike contribute: to one number, under one way of telling them apart, for one unit and its days.

    `cut` is "" for the number itself, else the name of a category, or of another way to tell rows apart, whose value
    is `key`. With `monthly` the days are
    the first of their local months: categories are kept by month only, or there would be about as many cells as rows.
    `settled` and `unsettled` are empty where the number, or the row, has no such moment. `rows` is the count and
    `total` the sum of the value that is added up, if one is.
    """

    # No foreign keys: each would be looked up for every delta, and the triggers name only what there is.
    counted_id = models.BigIntegerField()
    monthly = models.BooleanField()
    cut = models.CharField(max_length=40, blank=True)
    key = models.TextField(blank=True)
    unit_id = models.BigIntegerField()
    at = models.DateField()
    settled = models.DateField(null=True)
    unsettled = models.DateField(null=True)
    rows = models.BigIntegerField()
    total = models.BigIntegerField()

    class Meta:
        abstract = True


class Delta(_Amount):
    """What one statement changed, written by the database itself in the transaction that changed the rows."""

    class Meta(_Amount.Meta):
        indexes: ClassVar = [models.Index(fields=["counted_id", "cut"], name="delta_of_number")]

    def __str__(self) -> str:
        return f"{self.counted_id} {self.at} {self.rows:+d}"


class Cell(_Amount):
    """
    The sum of deltas that were folded; what is kept by day is summed by month as well.

    With `below` it is the sum of the cells alike of all units below this one, at any depth, without its own; there is
    none by day for what is settled.
    """

    below = models.BooleanField()

    class Meta(_Amount.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_cell_of_a_kind",
                fields=["counted_id", "monthly", "cut", "unit_id", "at", "below", "key", "settled", "unsettled"],
                nulls_distinct=False,
            ),
        ]
        # What was settled or unsettled in the month in which a period ends, among all that was kept before.
        indexes: ClassVar = [
            models.Index(
                name=f"cell_{moment}_on",
                fields=["counted_id", "cut", moment],
                condition=models.Q(("monthly", False), (f"{moment}__isnull", False)),
            )
            for moment in ("settled", "unsettled")
        ]

    def __str__(self) -> str:
        return f"{self.counted_id} {self.at} {self.rows}"
