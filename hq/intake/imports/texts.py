"""Words for what imports say in codes: about the file, about a row, about a whole import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.intake.imports.grid import Refused
from shared.web import words
from shared.web.counted import Counted
from shared.web.words import tell

_REFUSALS: Mapping[str, tuple[Any, Any]] = {
    "empty": (
        _l("There is no list in this file"),
        Counted(
            "It holds %(rows)s line. Export the list again and check it.",
            "It holds %(rows)s lines. Export the list again and check it.",
            "rows",
        ),
    ),
    "too_large": (_l("The file is too large"), _l("It has %(mb)s MB; %(limit_mb)s MB are allowed. Split the list.")),
    "too_many_rows": (_l("The list is too long"), _l("At most %(limit)s rows are read from one file. Split the list.")),
    "too_many_cells": (
        _l("Something stands far away from the table"),
        _l("The sheet reaches to row %(rows)s and column %(columns)s. Delete what lies outside the table."),
    ),
    "web_page": (
        _l("This is a web page, not a spreadsheet"),
        _l(
            "Often it is the page that offers the download, or a sign-in page. Open it, download the list, upload that."
        ),
    ),
    "old_workbook": (
        _l("This is an old workbook (.xls, .xlsb)"),
        _l("Open it and save it as .xlsx, then upload that."),
    ),
    "encrypted": (_l("The workbook has a password"), _l("Save it without a password, then upload that.")),
    "broken_workbook": (_l("The workbook is damaged"), _l("It may be cut off. Export or download it again.")),
    "not_a_workbook": (_l("This archive holds no workbook"), _l("Unpack it and upload the .xlsx or .csv inside.")),
    "zip_bomb": (
        _l("The workbook unpacks to far too much"),
        _l("It would be %(unpacked_mb)s MB. Copy the table alone into a new workbook and upload that."),
    ),
    "other_kind": (_l("This is a %(kind)s file, not a spreadsheet"), _l("Upload the list as .xlsx or .csv.")),
    "not_text": (_l("This is neither a workbook nor text"), _l("Upload the list as .xlsx or .csv.")),
    "no_heading": (
        _l("The names of the columns are missing"),
        _l("Row %(row)s already holds values. Add a first row that says which column is which."),
    ),
    "only_heading": (_l("The list has no rows"), _l("Below the names of the columns in row %(row)s there is nothing.")),
    "column_missing": (
        _l("A column is missing: %(name)s"),
        _l("Looked for: %(looked_for)s. The file has: %(saw)s."),
    ),
    "put_aside": (_l("The import stopped"), _l("The reason stands on the work page, where it can be tried again.")),
    "purged": (_l("The file was deleted on its date"), _l("It had not been read to its end. Upload it again.")),
    "campaign_unknown": (_l("There is no such campaign"), _l("Check the code.")),
}
_ROW_REASONS: Mapping[str, Any] = {
    "phone_missing": _l("No phone number"),
    "phone_length": _l("The phone number has too few or too many digits"),
    "phone_prefix": _l("No mobile number begins like this"),
    "phone_landline": _l("A landline number"),
    "phone_rounded": _l("The spreadsheet rounded the phone number (1.38E+10): the last digits are lost"),
    "undecodable_bytes": _l("Characters of the phone number are damaged"),
    "truncated_row": _l("The row is cut off: %(have)s of %(width)s cells"),
    "row_shifted": _l("The row has more cells than there are columns: probably a comma inside a cell"),
    "campaign_missing": _l("No campaign is named, and none was chosen"),
    "campaign_unknown": _l("There is no campaign called %(campaign)s"),
    "campaign_draft": _l("The campaign %(campaign)s has not been published"),
    "campaign_closed": _l("The campaign %(campaign)s is closed"),
    "dealer_code_missing": _l("The dealer's code is missing"),
    "store_code_missing": _l("The store's code is missing"),
    "store_code_twice": _l("The store code %(code)s stands in row %(first)s already"),
    "store_of_other_dealer": _l("The store code %(code)s belongs to another dealer"),
    "series_unknown": _l("There is no series “%(word)s”"),
}
# where rows are counted by reason, and no single row can be named
_SHORT: Mapping[str, Any] = {
    "truncated_row": _l("The row is cut off"),
    "campaign_unknown": _l("There is no campaign of this name"),
    "campaign_draft": _l("The campaign has not been published"),
    "campaign_closed": _l("The campaign is closed"),
    "store_code_twice": _l("The store code stands in an earlier row already"),
    "store_of_other_dealer": _l("The store code belongs to another dealer"),
    "series_unknown": _l("A series that there is none of"),
}
_REPAIRS: Mapping[str, Any] = {
    "trimmed": _l("Blanks around the text taken off"),
    "apostrophe": _l("Apostrophe before the number taken off"),
    "fullwidth": _l("Full-width digits made plain"),
    "number_form": _l("Number shown as 1.38E+10: all digits were kept"),
    "separators": _l("Blanks or dashes inside the number taken out"),
    "country_code": _l("Country code 86 taken off"),
    "dialling_zero": _l("Leading zero taken off"),
    "first_of_several": _l("Several numbers in one cell: the first was taken"),
    "text_around": _l("Text around the number taken off"),
    "phone_from_second_column": _l("Number taken from the second column of the name"),
    "city_variant": _l("City written in full"),
    "old_county_code": _l("Old district code replaced by today's"),
    "whole_row_quoted": _l("A whole row inside one cell taken apart"),
    "unclosed_quote": _l("A quotation mark that was never closed"),
    "undecodable_bytes": _l("Damaged characters, not in the phone number"),
    "time_unreadable": _l("Time of the sign-up unreadable or impossible: the time of import was taken"),
    "point_turned": _l("Longitude and latitude were the wrong way round"),
    "shortened": _l("Text cut to the longest length"),
}
_REMARKS: Mapping[str, Any] = {
    "kept_as_text": _l("Looked like a formula: kept as text"),
    "touchpoint_unknown": _l("Touchpoint not known: left empty"),
    "horizon_unknown": _l("Time of purchase not understood: left empty"),
    "vehicle_unknown": _l("Present vehicle not understood: left empty"),
    "budget_unknown": _l("Budget not understood: left empty"),
    "draws_unknown": _l("Number of draws not understood: left empty"),
    "test_ride_unknown": _l("Test ride neither yes nor no: left empty"),
    "visited_unknown": _l("Visit neither yes nor no: left empty"),
    "marketing_unknown": _l("Marketing consent neither yes nor no: taken as no"),
    "share_unknown": _l("Consent for the dealer neither yes nor no: taken as no"),
    "share_not_claimed": _l("Consent for the dealer not counted: the operator said so"),
    "share_without_text": _l("The campaign has no consent text for dealers: taken as no"),
    "ip_unknown": _l("Network address not readable: left empty"),
    "county_code_unknown": _l("District code not known: left out"),
    "county_code_elsewhere": _l("District code lies outside the city that is named: the names were taken"),
    "lng_unknown": _l("Longitude not readable"),
    "lat_unknown": _l("Latitude not readable"),
    "point_outside": _l("The point lies outside China: left out"),
    "point_in_wrong_province": _l("The point lies in another province: the district's or city's centre was taken"),
    "point_in_other_city": _l("The point lies in another city: the district's or city's centre was taken"),
    "point_in_sea": _l("The point lies in the sea or abroad: the district's or city's centre was taken"),
    "point_in_other_district": _l("The point probably lies in another district: it was kept"),
    "point_far_from_district": _l("The point lies far from the district: the district's centre was taken"),
    "point_twice": _l("Two stores of the list stand on the same point"),
    "point_missing": _l("No point: the district's or city's centre was taken"),
    "place_unknown": _l("Province and city not understood"),
    "coordinates_blank": _l("Coordinate system not named: read as is chosen for the whole list"),
    "coordinates_unknown": _l("Coordinate system not known: the point was left out"),
    "holidays_unreadable": _l("Public holidays not understood: as on Sundays was taken"),
    "hours_unreadable": _l("Opening hours not understood: 9 to 18 every day was taken"),
    "capacity_unknown": _l("Daily limit not understood: the store keeps its own, a new one takes 10"),
    "weekly_unknown": _l("Weekly limit not understood: the store keeps its own, a new one has none"),
    "weight_unknown": _l("Weight is no whole number from 1 on: the store keeps its own, a new one has 1"),
    "manager_phone_unusable": _l("Manager's phone cannot be used: no account drafted"),
    "manager_elsewhere": _l("The manager's phone has an account at another dealer: none drafted"),
}
# a point that does not fit, where the row is named; the parameters are those of `StorePlace.doubts`
_DOUBTS: Mapping[str, Any] = {
    "point_turned": _l("Longitude and latitude stood in each other's place: they are exchanged"),
    "point_outside": _l("Outside China: left out"),
    "point_in_sea": _l("In the sea or abroad, %(km)s km from the nearest district (%(nearest)s): not used"),
    "point_in_wrong_province": _l("Near %(nearest)s, %(stated_km)s km from the province that is named: not used"),
    "point_in_other_city": _l("Near %(nearest)s, %(stated_km)s km from the city that is named: not used"),
    "point_in_other_district": _l("Near %(nearest)s, %(stated_km)s km from the seat of the district: kept, look at it"),
    "point_far_from_district": _l("Near %(nearest)s, %(stated_km)s km from the seat of the district: not used"),
    "point_twice": _l("The same point as row %(first)s: kept, look at both"),
    "point_missing": _l("No point"),
    "coordinates_unknown": _l("“%(named)s” is no coordinate system: not used"),
}
_NOTES: Mapping[str, Any] = {
    "encoding": _l("Text in %(name)s"),
    "separator": _l("Cells separated by %(character)s"),
    "bare_cr": _l("Old line ends (CR) were understood"),
    "workbook_named": _l("A workbook although the name ends in %(suffix)s"),
    "text_named": _l("Text although the name ends in %(suffix)s"),
    "other_sheets": _l("Only the sheet %(read)s was read; ignored: %(ignored)s"),
    "heading_two_rows": _l("Names of columns in rows %(first)s and %(second)s joined"),
    "title_above_heading": _l("Names of columns found in row %(row)s, below a title"),
    "empty_columns": Counted(
        "%(count)s empty column at the right ignored", "%(count)s empty columns at the right ignored"
    ),
    "column_twice": _l("Two columns are called %(heading)s: the first counts"),
    "columns_unknown": _l("Columns that were not read: %(headings)s"),
    "total_ignored": _l("Row %(row)s is a total and was left out"),
    "total_differs": Counted(
        "Row %(row)s states %(stated)s row; the list has %(counted)s",
        "Row %(row)s states %(stated)s rows; the list has %(counted)s",
        "stated",
    ),
}

for _code, (_title, _advice) in _REFUSALS.items():
    tell(f"import_refused.{_code}", _title, _advice)
_FAMILIES = {
    "reason": _ROW_REASONS,
    "short": _SHORT,
    "repair": _REPAIRS,
    "remark": _REMARKS,
    "note": _NOTES,
    "doubt": _DOUBTS,
}
for _family, _texts in _FAMILIES.items():
    for _code, _text in _texts.items():
        tell(f"import_{_family}.{_code}", _text)
tell(
    "already_imported",
    _l("This file was imported before"),
    _l("As %(file_name)s. Nothing was imported now. To import it once more, tick that on the form (or say --again)."),
)


def joined(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with lists written out, for a sentence."""
    return {
        name: _(", ").join(map(str, value[:12])) if isinstance(value, list) else value for name, value in params.items()
    }


def say(family: str, code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for a code of a family: refused, reason (without parameters: of many rows), repair, remark, note."""
    if params is None and words.knows(f"import_short.{code}") and family == "reason":
        return words.say(f"import_short.{code}")
    return words.say(f"import_{family}.{code}", joined(params or {}))


def is_repair(code: str) -> bool:
    """Whether a code names something that was put right."""
    return code in _REPAIRS


def sentence(refused: Refused) -> str:
    """Why a file is refused and what to do about it, as running text."""
    return words.sentence(f"import_refused.{refused.reason}", joined(refused.params))


def advise(code: str, params: Mapping[str, Any]) -> str:
    """What to do about a refused file."""
    return words.advise(f"import_refused.{code}", joined(params))


def in_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The end of an import for a console."""
    refused = summary["refused"]
    if refused:
        code, params = refused["code"], refused["params"]
        title = say("refused", code, params) if words.knows(f"import_refused.{code}") else words.say(code, params)
        yield f"{summary['file']}: {title}. {advise(code, params) or words.advise(code, params)}"
        return
    counts = f"{summary['accepted']} accepted ({summary['repaired']} repaired), {summary['rejected']} rejected"
    yield f"{summary['file']}: {summary['rows']} rows, {counts}"
    for note in summary["notes"]:
        yield f"  {say('note', note['code'], note['params'])}"
    for family, name in (("reason", "reasons"), ("repair", "repairs"), ("remark", "remarks")):
        for code, count in summary[name].items():
            yield f"  {count:>6}  {say(family, code)}"
