"""A polite no: every rule that says no raises a Refusal, and one middleware answers for all of them."""

from typing import ClassVar

from django.utils.translation import gettext as _


class Refusal(Exception):
    """
    A request that the rules turn down, with a reason a person can read.

    `status` is the HTTP status of the answer. The message is for the person who asked: it says what is
    wrong and what to do next, in their language, and never a name that they may not know.
    """

    status: ClassVar[int] = 409

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.default_message())

    @classmethod
    def default_message(cls) -> str:
        return _("这一步现在不能办理。")

    @property
    def message(self) -> str:
        return str(self.args[0])


class NotAllowed(Refusal):
    """The person's duties do not cover this."""

    status = 403

    @classmethod
    def default_message(cls) -> str:
        return _("您的岗位没有这项权限。")


class StepNotOpen(Refusal):
    """The record is not in a state from which this step leads anywhere."""

    @classmethod
    def default_message(cls) -> str:
        return _("该记录当前状态不能办理这一步。")


class StaleState(Refusal):
    """Somebody else moved the record first."""

    @classmethod
    def default_message(cls) -> str:
        return _("该记录已被他人更新，请刷新后重试。")


class Conflict(Refusal):
    """The same client-made identifier came with another body."""

    @classmethod
    def default_message(cls) -> str:
        return _("同一编号已有不同内容的记录，本次未保存。")


class Invalid(Refusal):
    """The content breaks a rule that no form could know alone."""

    status = 422

    @classmethod
    def default_message(cls) -> str:
        return _("内容不符合要求，请修改后再提交。")
