"""What can be taken in."""

from zoufang.site.importing.casework import DISPUTES, PETITIONS
from zoufang.site.importing.deliveries import FEED, TRANSFERS
from zoufang.site.importing.desk import Importer
from zoufang.site.importing.opinions import OPINIONS
from zoufang.site.importing.organization import OFFICERS, UNITS
from zoufang.site.importing.visits import VISITS

IMPORTERS: dict[str, Importer] = {
    "opinions": OPINIONS,
    "visits": VISITS,
    "petitions": PETITIONS,
    "disputes": DISPUTES,
    "feed": FEED,
    "transfers": TRANSFERS,
    "officers": OFFICERS,
    "units": UNITS,
}
