"""The shape of a text: what an opinion is found by when another one says nearly the same."""

from collections.abc import Callable, Sequence

from django.db import transaction

from zoufang.opinions.minhash import bands_of
from zoufang.opinions.models import Opinion, OpinionShape
from zoufang.opinions.similar import text_of

BATCH = 2_000


def keep_shapes(opinions: Sequence[Opinion]) -> None:
    """Work out the shapes of new opinions, in the transaction that registers them."""
    all_bands = bands_of([text_of(opinion) for opinion in opinions])
    OpinionShape.objects.bulk_create(
        OpinionShape(opinion=opinion, bands=bands) for opinion, bands in zip(opinions, all_bands, strict=True)
    )


def shape_missing(then: Callable[[int], object] = lambda _many: None) -> int:
    """
    Work out the shapes of all opinions that have none, such as rows written past the services; return how many.

    A batch is a transaction and needs memory for `BATCH` texts. `then` is told how many each had. Whoever registers
    an opinion meanwhile waits for nothing, and nothing is worked out twice.
    """
    last, done = 0, 0
    while True:
        wanted = Opinion.objects.filter(pk__gt=last, shape=None).order_by("pk")
        rows = list(wanted.values_list("pk", "title", "content")[:BATCH])
        if not rows:
            return done
        all_bands = bands_of([f"{title} {content}" for _pk, title, content in rows])
        shapes = [OpinionShape(opinion_id=row[0], bands=bands) for row, bands in zip(rows, all_bands, strict=True)]
        with transaction.atomic():
            OpinionShape.objects.bulk_create(shapes, ignore_conflicts=True)
        last, done = rows[-1][0], done + len(rows)
        then(len(rows))


def forget_shapes() -> None:
    """Forget all shapes: until they are worked out anew, similar opinions are sought among those of a topic alone."""
    OpinionShape.objects.all().delete()
