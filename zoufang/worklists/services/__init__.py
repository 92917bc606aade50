"""The verbs of lists: take a step with many opinions at once, keep a list under a name, tell when it grows."""

from zoufang.worklists.services.bulk import Preview, carry_out, forget_old, preview, take_with_all, undo
from zoufang.worklists.services.keeping import change_view, delete_view, save_view
from zoufang.worklists.services.printing import note_printed
from zoufang.worklists.services.watching import watch_views

__all__ = [
    "Preview",
    "carry_out",
    "change_view",
    "delete_view",
    "forget_old",
    "note_printed",
    "preview",
    "save_view",
    "take_with_all",
    "undo",
    "watch_views",
]
