"""Where a person is, from all sign-ups together."""

from collections.abc import Iterable, Mapping
from typing import Any

from hq.qualification.facts import Said
from hq.routing.network import Network
from shared.regions.place import Place, PlaceFacts, best_place

_FALLBACKS = ("store", "phone_city", "province")
"""Sources that say where somebody was once, or roughly: any other goes before them."""


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
    told = best_place(_facts(said.region)) if said.region else None
    return told or (best_place(PlaceFacts(store_point=point)) if point else None)


def _facts(region: Mapping[str, Any]) -> PlaceFacts:
    return PlaceFacts(
        lng=_number(region.get("lng")),
        lat=_number(region.get("lat")),
        system=str(region.get("coord_sys") or "GCJ-02"),
        county_code=_text(region.get("county_code")),
        province=_text(region.get("province")),
        city=_text(region.get("city")),
        county=_text(region.get("county")),
        phone_city_code=_text(region.get("phone_city")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
