"""What headquarters' changes of the network refuse."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid


class Stale(Conflict):
    """Somebody changed it since the form was opened; `params`: who, at, fields (their names)."""

    code = "network_stale"


class CodeTaken(Conflict):
    """Another dealer or store has this code."""

    code = "network_code_taken"


class BadPoint(Invalid):
    """Coordinates that cannot be a store's; `params["reason"]`: half, number, swapped, outside, system."""

    code = "network_point"


class BadPlace(Invalid):
    """No division is called that."""

    code = "network_place"


class BadDay(Invalid):
    """Opening hours or a closed day that cannot be read; `params["text"]`."""

    code = "network_day"


class NoSeries(Invalid):
    """No series is called so; `params`: text, known (the names that there are)."""

    code = "network_series"


class NameTaken(Conflict):
    """Another one is called so; `params`: text, other (its name)."""

    code = "network_name_taken"


class SeriesInUse(Conflict):
    """Stores name it among what they may sell; `params["stores"]`: how many."""

    code = "network_series_in_use"


class StoresOpen(Conflict):
    """A dealer is closed after its stores."""

    code = "network_stores_open"
