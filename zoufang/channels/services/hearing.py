"""The verbs of the public door: hear a citizen, let them follow, forget what was needed only for a while."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from zoufang.channels import rules, selectors
from zoufang.channels.models import Arrival, ClientApp, Intake, Poster, Tries
from zoufang.kernel.clock import local_day
from zoufang.kernel.refusal import Conflict, Refusal
from zoufang.opinions import services as opinions
from zoufang.opinions.models import Asker, Opinion, Topic
from zoufang.opinions.vocabulary import Kind, Source, TellBy
from zoufang.opinions.workflow import Step
from zoufang.organization.models import Unit
from zoufang.privacy.sealing import fingerprint

# A resend is recognised this long; after that the same uid is refused.
RESEND_KNOWN = timedelta(days=30)

# Codes have 140 bits, so these do not protect the codes; they keep a guesser from being a burden to others.
QUARTER = timedelta(minutes=15)
MOST_FROM_ONE_PLACE = 30
MOST_ON_ONE_NUMBER = 60
FEW_FROM_ONE_PLACE = 3


@dataclass(frozen=True)
class Said:
    """What a citizen sent. `uid` is made by the form or the program, once for each opinion."""

    uid: UUID
    kind: str
    text: str
    unit: Unit | None = None
    place: str = ""
    complained_unit: Unit | None = None
    name: str = ""
    phone: str = ""
    mail: str = ""
    tell_by: TellBy = TellBy.PAGE
    files: Sequence["UploadedFile[Any]"] = ()
    poster: Poster | None = None
    client: ClientApp | None = None
    topic: Topic | None = None

    @property
    def body_hash(self) -> str:
        """A keyed digest of what was said and by whom, but not of the uid and the way; files count by their bytes."""
        body = [
            self.kind,
            self.text,
            self.unit.code if self.unit else "",
            self.place,
            self.complained_unit.code if self.complained_unit else "",
            self.name,
            self.phone,
            self.mail,
            str(self.tell_by),
            *(_sha256(file) for file in self.files),
        ]
        return fingerprint(json.dumps(body, ensure_ascii=False), purpose="channels.body")


@dataclass(frozen=True)
class Heard:
    """What the citizen takes away: the opinion with its promise, and the code to follow it by."""

    opinion: Opinion
    asker: Asker
    code: str
    created: bool


def conflict_with(said: Said) -> str:
    """Return why this cannot be kept: its uid came before with another body. Empty if there is no such reason."""
    intake = selectors.intake_of(said.uid)
    if intake is None or intake.body_hash == said.body_hash:
        return ""
    return _("刚才提交的内容已经收到，编号 %(no)s。这次内容不同，没有保存。") % {"no": intake.opinion.no}


@transaction.atomic
def hear_publicly(said: Said, *, now: datetime) -> Heard:
    """
    Keep what a citizen said, who may follow it by code, and the files, all or nothing, once for each uid.

    A complaint is taken by the visit office whatever place was chosen, so that it does not pass through the hands
    of those it may be about; the place is kept as the place of the matter.

    :raises Conflict: if the uid came with another body.
    :raises Invalid: if a file is not accepted, or no deadline policy is in force.
    """
    one_at_a_time(f"channels.{said.uid}")
    if reason := conflict_with(said):
        raise Conflict(reason)
    code = selectors.code_for(said.uid)
    asker = selectors.asker_by_code(code)
    if asker is not None and selectors.intake_of(said.uid) is not None:
        return Heard(asker.opinion, asker, code, created=False)
    if Opinion.objects.filter(uid=selectors.kept_uid(said.uid)).exists():
        raise Conflict
    complaint = said.kind == Kind.COMPLAINT
    opinion = opinions.register_opinion(
        uid=selectors.kept_uid(said.uid),
        kind=said.kind,
        source=Source.PUBLIC_PAGE,
        topic=said.topic or selectors.topic_of(said.text),
        content=said.text,
        place=said.place or (said.unit.name if complaint and said.unit else ""),
        heard_by=selectors.taker_of(said.kind, unit=said.unit, complained_unit=said.complained_unit),
        heard_at=now,
        complained_unit=said.complained_unit if complaint else None,
        by=None,
        now=now,
    )
    asker = opinions.keep_asker(
        opinion, code=code, name=said.name, phone=said.phone, address=said.mail, tell_by=said.tell_by, now=now
    )
    for file in said.files:
        opinions.attach(opinion, step=Step.REGISTER, file=file, by=None, now=now)
    Intake.objects.create(opinion=opinion, body_hash=said.body_hash)
    if said.poster is not None or said.client is not None:
        Arrival.objects.create(opinion=opinion, poster=said.poster, client=said.client)
    return Heard(opinion, asker, code, created=True)


@dataclass(frozen=True)
class Followed:
    """Who holds the number and code; None if nobody does. `wait` says for how many seconds not to try again."""

    asker: Asker | None
    wait: int = 0


def follow(*, no: str, code: str, place: str, now: datetime) -> Followed:
    """
    Find who holds `no` and `code`, and count the try for `place`, the sender's part of the network.

    Each try is counted before it is looked at, so a burst of parallel ones is counted in full; the count stands
    whatever happens next, which is why this is not one transaction. A right pair gives its try back. A number
    that others keep guessing at stays open to whoever has not been guessing.
    """
    until = _end_of_quarter(now)
    keys = [_key(until, "place", place), _key(until, "no", rules.plain_no(no))]
    with transaction.atomic():
        from_place, on_number = (_count(key, until=until, now=now) for key in keys)
    too_many = on_number > MOST_ON_ONE_NUMBER and from_place > FEW_FROM_ONE_PLACE
    if from_place > MOST_FROM_ONE_PLACE or too_many:
        return Followed(None, wait=ceil((until - now).total_seconds()))
    asker = selectors.asker_by(no=no, code=code)
    if asker is not None:
        Tries.objects.filter(key__in=keys, many__gt=0).update(many=F("many") - 1)
    return Followed(asker)


def may_try(place: str, *, now: datetime) -> bool:
    """Count a try from `place` without a code; may it be answered, or were there too many?"""
    until = _end_of_quarter(now)
    return _count(_key(until, "place", place), until=until, now=now) <= MOST_FROM_ONE_PLACE


@transaction.atomic
def ask_again(asker: Asker, *, reason: str, now: datetime) -> Opinion:
    """
    Record the citizen's wish to have it handled again, once for each answer.

    :raises StepNotOpen: if there is no answer yet.
    :raises Refusal: if the wish is known already.
    """
    if selectors.asked_again(asker.opinion.main):
        raise Refusal(_("再办申请已经收到过，我们会研究决定，不用重复申请。"))
    return opinions.ask_again(asker.opinion, asker=asker, reason=reason, now=now)


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Delete digests and counts that have served their time; return how many."""
    old_tries, _rows = Tries.objects.filter(until__lt=now).delete()
    old_intakes, _rows = Intake.objects.filter(opinion__recorded_at__lt=now - RESEND_KNOWN).delete()
    return old_tries + old_intakes


def _sha256(file: "UploadedFile[Any]") -> str:
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def one_at_a_time(what: str) -> None:
    """Let a second copy of the same request wait until the first is done, then find what it wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


def _end_of_quarter(now: datetime) -> datetime:
    seconds = int(QUARTER.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


def _key(until: datetime, what: str, of: str) -> str:
    return fingerprint(f"{local_day(until)}/{until.timestamp()}/{what}/{of}", purpose="channels.tries")


def _count(key: str, *, until: datetime, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_tries (key, many, until) VALUES (%s, 1, %s)"
            " ON CONFLICT (key) DO UPDATE SET many = channels_tries.many + 1 RETURNING many",
            [key, until],
        )
        (many,) = cursor.fetchone()
    if many == 1:
        Tries.objects.filter(until__lt=now).delete()
    return int(many)
