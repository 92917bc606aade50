"""The front door and the desks of the three administrators."""

from zoufang.accounts.views.signing import locked_out

__all__ = ["locked_out"]
