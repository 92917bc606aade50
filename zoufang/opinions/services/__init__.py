"""The verbs of an opinion's life. Each is one transaction: access, conditional update, rows, event, audit."""

from collections.abc import Callable

from zoufang.opinions.services.answering import (
    approve_reply,
    ask_again,
    close_opinion,
    draft_reply,
    give_feedback,
    rate_answer,
    reopen_opinion,
    send_reply_back,
)
from zoufang.opinions.services.attaching import attach, attach_all
from zoufang.opinions.services.calling import call_back
from zoufang.opinions.services.co_handling import contribute, sign_co_handling
from zoufang.opinions.services.complaining import treat_as_complaint
from zoufang.opinions.services.concluding import review_outcome
from zoufang.opinions.services.contact import Contact, dispose_of_contacts, reveal_contact
from zoufang.opinions.services.covering import cover_opinion, take_out
from zoufang.opinions.services.joining import join_opinion, unjoin_opinion
from zoufang.opinions.services.rectifying import (
    rectify_opinion,
    reject_rectification,
    verify_rectification,
    write_measure,
)
from zoufang.opinions.services.referring import refer_opinion, register_and_refer, return_referral, sign_referral
from zoufang.opinions.services.registering import (
    Intake,
    answered_opinion,
    import_answered_opinion,
    keep_asker,
    new_opinion,
    out_of_reach,
    register_opinion,
    take_in,
)
from zoufang.opinions.services.reminding import keep_watch, remind, tell_what_waits
from zoufang.opinions.services.shaping import forget_shapes, shape_missing
from zoufang.opinions.services.taking import Offer, offers, require_step, require_version
from zoufang.opinions.services.timing import (
    ask_extension,
    end_pauses,
    grant_extension,
    note_first_contact,
    pause_opinion,
    refuse_extension,
    resume_opinion,
    supply,
)
from zoufang.opinions.services.undoing import recall_referral, unsign_referral
from zoufang.opinions.workflow import Step

# The service behind each step of an officer: it takes the step form's values, `by` and `now`.
STEPS: dict[Step, Callable[..., object]] = {
    Step.REFER: refer_opinion,
    Step.SIGN: sign_referral,
    Step.RETURN: return_referral,
    Step.FIRST_CONTACT: note_first_contact,
    Step.PAUSE: pause_opinion,
    Step.RESUME: resume_opinion,
    Step.EXTEND: ask_extension,
    Step.GRANT_EXTENSION: grant_extension,
    Step.REFUSE_EXTENSION: refuse_extension,
    Step.MEASURE: write_measure,
    Step.COVER: cover_opinion,
    Step.TAKE_OUT: take_out,
    Step.RECTIFY: rectify_opinion,
    Step.VERIFY: verify_rectification,
    Step.REJECT: reject_rectification,
    Step.REPLY: draft_reply,
    Step.APPROVE: approve_reply,
    Step.SEND_BACK: send_reply_back,
    Step.FEED_BACK: give_feedback,
    Step.CALL_BACK: call_back,
    Step.CLOSE: close_opinion,
    Step.REVIEW: review_outcome,
    Step.REOPEN: reopen_opinion,
    Step.JOIN: join_opinion,
    Step.UNJOIN: unjoin_opinion,
    Step.COMPLAINT: treat_as_complaint,
    Step.RECALL: recall_referral,
    Step.UNSIGN: unsign_referral,
}

__all__ = [
    "STEPS",
    "Contact",
    "Intake",
    "Offer",
    "answered_opinion",
    "approve_reply",
    "ask_again",
    "ask_extension",
    "attach",
    "attach_all",
    "call_back",
    "close_opinion",
    "contribute",
    "cover_opinion",
    "dispose_of_contacts",
    "draft_reply",
    "end_pauses",
    "forget_shapes",
    "give_feedback",
    "grant_extension",
    "import_answered_opinion",
    "join_opinion",
    "keep_asker",
    "keep_watch",
    "new_opinion",
    "note_first_contact",
    "offers",
    "out_of_reach",
    "pause_opinion",
    "rate_answer",
    "recall_referral",
    "rectify_opinion",
    "refer_opinion",
    "refuse_extension",
    "register_and_refer",
    "register_opinion",
    "reject_rectification",
    "remind",
    "reopen_opinion",
    "require_step",
    "require_version",
    "resume_opinion",
    "return_referral",
    "reveal_contact",
    "review_outcome",
    "send_reply_back",
    "shape_missing",
    "sign_co_handling",
    "sign_referral",
    "supply",
    "take_in",
    "take_out",
    "tell_what_waits",
    "treat_as_complaint",
    "unjoin_opinion",
    "unsign_referral",
    "verify_rectification",
    "write_measure",
]
