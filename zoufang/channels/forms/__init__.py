"""What citizens type, programs send and other systems deliver, as typed values."""

from zoufang.channels.forms.items import DiscardForm, ItemForm, TrayForm, read_item
from zoufang.channels.forms.public import (
    WAYS,
    AgainForm,
    LineField,
    PlaceField,
    RateForm,
    SaidField,
    SayForm,
    SupplyForm,
    TrackForm,
)

__all__ = [
    "WAYS",
    "AgainForm",
    "DiscardForm",
    "ItemForm",
    "LineField",
    "PlaceField",
    "RateForm",
    "SaidField",
    "SayForm",
    "SupplyForm",
    "TrackForm",
    "TrayForm",
    "read_item",
]
