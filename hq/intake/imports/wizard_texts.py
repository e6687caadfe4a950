"""Words of the steps before an import: what columns can mean, and why it cannot go on yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from shared.web.words import tell

_SIGNUPS: Mapping[str, Any] = {
    "external_id": _l("Number in the file"),
    "campaign": _l("Campaign"),
    "touchpoint": _l("Touchpoint"),
    "store_code": _l("Code of the scanned store"),
    "name": _l("Name"),
    "phone": _l("Phone number"),
    "phone_2": _l("Second phone number"),
    "region": _l("Place in one cell"),
    "province": _l("Province"),
    "city": _l("City"),
    "county": _l("District"),
    "county_code": _l("District code"),
    "lng": _l("Longitude"),
    "lat": _l("Latitude"),
    "model": _l("Model wished for"),
    "horizon": _l("Time of purchase"),
    "vehicle": _l("Present vehicle"),
    "budget": _l("Budget"),
    "draws": _l("Number of draws"),
    "test_ride": _l("Test ride booked"),
    "visited": _l("Visited a store"),
    "occurred_at": _l("Time of the sign-up"),
    "invited_by": _l("Invited by"),
    "openid": _l("WeChat openid"),
    "unionid": _l("WeChat unionid"),
    "device_id": _l("Device number"),
    "ip": _l("Network address"),
    "user_agent": _l("Browser"),
    "marketing": _l("Agrees to marketing"),
    "share": _l("Agrees to share with dealers"),
    "note": _l("Remark"),
}
_STORES: Mapping[str, Any] = {
    "dealer_code": _l("Dealer code"),
    "dealer_name": _l("Dealer name"),
    "code": _l("Store code"),
    "name": _l("Store name"),
    "province": _l("Province"),
    "city": _l("City"),
    "county": _l("District"),
    "county_code": _l("District code"),
    "address": _l("Address"),
    "lng": _l("Longitude"),
    "lat": _l("Latitude"),
    "coordinates": _l("Coordinate system"),
    "manager_name": _l("Manager's name"),
    "manager_phone": _l("Manager's phone"),
    "hours": _l("Opening hours"),
    "holidays": _l("Public holidays"),
    "capacity": _l("Leads a day"),
    "weekly": _l("Leads a week"),
    "weight": _l("Weight"),
    "series": _l("Series it may sell"),
}

for _kind, _fields in (("signups", _SIGNUPS), ("stores", _STORES)):
    for _field, _text in _fields.items():
        tell(f"import_field.{_kind}.{_field}", _text)

tell(
    "import_changed",
    _l("%(by)s changed how this file is read"),
    _l("At %(at)s. You see the new state now; nothing of it was overwritten. Look at it, then change what you like."),
)
tell("import_not_now", _l("The import has gone on meanwhile"), _l("Look at its page. Nothing was changed."))
tell(
    "import_two_columns",
    _l("Two columns are read as %(fields)s"),
    _l("Choose one of them; read the other as something else, or do not take it. Nothing was changed."),
)
tell("import_not_ready", _l("The import cannot start yet"), _l("Nothing was imported."))
tell(
    "import_not_ready.unmapped",
    _l("A column that is needed is missing"),
    _l("Go back and say which column it is. Nothing was imported."),
)
tell(
    "import_not_ready.unchecked",
    _l("The rows are still being counted"),
    _l("Start it once the counts are there. Nothing was imported."),
)
tell(
    "import_not_ready.nothing",
    _l("No row of this file can be imported"),
    _l("Look at the reasons below, correct the file or the columns. Nothing was imported."),
)
tell(
    "import_not_ready.twin",
    _l("This very file was imported before"),
    _l("As %(file_name)s, %(at)s. Tick that you want it once more, or throw this one away. Nothing was imported."),
)
