"""Where a person is, from all sign-ups together."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from hq.qualification.facts import Said
from hq.routing.network import Network
from shared.regions.place import Place, PlaceFacts, best_place

_FALLBACKS = ("store", "phone_city", "province")
"""Sources that say where somebody was once, or roughly: any other goes before them."""


_ASKED = ("lng", "lat", "coord_sys", "county_code", "province", "city", "county", "phone_city")


def place_of(signups: Iterable[Said], network: Network) -> dict[str, Any]:
    """The best place that a person's sign-ups name (see `leads.place`); {} when none does.

    What the person said goes before the store where a code was scanned; of equally good ones the latest counts.

    Args:
        signups: oldest first.
    """
    places = [place for said in signups if (place := _of(said, network)) is not None]
    if not places:
        return {}
    best = min(reversed(places), key=lambda place: (place.source in _FALLBACKS, place.uncertainty_km))
    return {
        "lng": round(best.lng, 6),
        "lat": round(best.lat, 6),
        "source": best.source,
        "uncertainty_km": round(best.uncertainty_km, 1),
        "code": best.division_code,
    }


def _of(said: Said, network: Network) -> Place | None:
    store = network.by_code.get(said.store_code) if said.store_code else None
    point = None if store is None or store.lng is None or store.lat is None else (store.lng, store.lat)
    told = _told(*map(said.region.get, _ASKED)) if said.region else None
    return told or (best_place(PlaceFacts(store_point=point)) if point else None)


@lru_cache(maxsize=20_000)
def _told(lng: Any, lat: Any, system: Any, code: Any, province: Any, city: Any, county: Any, sold: Any) -> Place | None:
    return best_place(
        PlaceFacts(
            lng=_number(lng),
            lat=_number(lat),
            system=str(system or "GCJ-02"),
            county_code=_text(code),
            province=_text(province),
            city=_text(city),
            county=_text(county),
            phone_city_code=_text(sold),
        )
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
