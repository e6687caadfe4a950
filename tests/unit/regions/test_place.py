"""The best known place of a person."""

from __future__ import annotations

import pytest

from shared.contacts.phone_city import city_of
from shared.regions.coords import wgs_to_gcj
from shared.regions.distance import great_circle_km
from shared.regions.divisions import by_code
from shared.regions.place import PlaceFacts, best_place

EVERYTHING = {
    "store_point": (121.47, 31.23),
    "lng": 116.4,
    "lat": 39.9,
    "county_code": "320583",
    "province": "广东省",
    "city": "深圳市",
    "county": "南山区",
    "phone_city_code": "510100",
}


@pytest.mark.parametrize(
    ("without", "source", "code"),
    [
        ((), "store", "310101"),
        (("store_point",), "gps", "110102"),
        (("store_point", "lng"), "county", "320583"),
        (("store_point", "lng", "county_code"), "county", "440305"),
        (("store_point", "lng", "county_code", "county"), "city", "440300"),
        (("store_point", "lng", "county_code", "county", "city"), "province", "440000"),
        (("store_point", "lng", "county_code", "county", "city", "province"), "phone_city", "510100"),
    ],
)
def test_the_surest_source_wins(without, source, code):
    place = best_place(PlaceFacts(**{name: fact for name, fact in EVERYTHING.items() if name not in without}))
    assert (place.source, place.division_code) == (source, code)


def test_nothing_said_is_no_place():
    assert best_place(PlaceFacts()) is None
    assert best_place(PlaceFacts(province="火星", county_code="x", lng=0, lat=0)) is None


def test_a_position_is_turned_from_the_maps_system():
    lng, lat = wgs_to_gcj(116.4, 39.9)
    place = best_place(PlaceFacts(lng=lng, lat=lat))
    assert great_circle_km(place.lng, place.lat, 116.4, 39.9) < 0.001
    assert place.uncertainty_km < 1
    assert best_place(PlaceFacts(lng=116.4, lat=39.9, system="WGS-84")).lng == 116.4


def test_swapped_degrees_are_put_right_and_impossible_ones_passed_over():
    assert best_place(PlaceFacts(lng=39.9, lat=116.4)) == best_place(PlaceFacts(lng=116.4, lat=39.9))
    assert best_place(PlaceFacts(lng=0.0, lat=0.0, province="江苏", city="苏州")).source == "city"
    assert best_place(PlaceFacts(lng=116.4, lat=39.9, system="?", county_code="320583")).source == "county"


def test_former_codes_and_zones_are_places_too():
    assert best_place(PlaceFacts(county_code="130428")).division_code == "130407"
    zone = best_place(PlaceFacts(county_code="320571"))
    assert (zone.source, zone.division_code) == ("city", "320500")


def test_a_municipality_is_a_city_but_chongqing_is_as_vague_as_a_province():
    assert best_place(PlaceFacts(province="北京")).source == "city"
    assert best_place(PlaceFacts(province="重庆")).source == "province"


def test_the_city_of_the_number_narrows_a_province_it_lies_in():
    narrowed = best_place(PlaceFacts(province="四川", phone_city_code="510700"))
    assert (narrowed.source, narrowed.division_code) == ("phone_city", "510700")
    elsewhere = best_place(PlaceFacts(province="四川", phone_city_code="110000"))
    assert (elsewhere.source, elsewhere.uncertainty_km > 100) == ("province", True)


def test_vaguer_sources_say_so():
    kms = [
        best_place(facts).uncertainty_km
        for facts in (
            PlaceFacts(lng=116.4, lat=39.9),
            PlaceFacts(county_code="320583"),
            PlaceFacts(province="江苏", city="苏州"),
            PlaceFacts(province="江苏"),
        )
    ]
    assert kms == sorted(kms)
    assert kms[-1] > 100


@pytest.mark.parametrize(
    ("phone", "code"),
    [("+8613800138000", "110000"), ("+8613912345678", "320400"), ("+8619912345678", None), ("", None), ("+8612", None)],
)
def test_the_city_of_a_number(phone, code):
    assert city_of(phone) == (by_code(code) if code else None)
