"""Who signs up in the demo: the same each time, people near stores, and one ring."""

from __future__ import annotations

from datetime import date

from hq.demo import crowd, network
from hq.demo.crowd import Season

SITES = [site for company in network.companies() for site in company.sites]
SEASONS = (Season("ONE", date(2026, 11, 12), date(2026, 11, 18)), Season("TWO", date(2026, 11, 19), date(2026, 11, 26)))


def _history(seed=7):
    return crowd.history(SEASONS, SITES, people=400, seed=seed)


def test_the_network_has_forty_dealers_and_sixty_stores_in_twelve_provinces():
    companies = network.companies()
    assert len(companies) >= 40
    assert len(SITES) >= 60
    assert len({site.county.province_code for site in SITES}) >= 12


def test_no_two_stores_stand_at_one_point():
    assert len({(site.lng, site.lat) for site in SITES}) == len(SITES)


def test_the_same_seed_gives_the_same_people():
    assert _history() == _history()
    assert _history() != _history(seed=8)


def test_everybody_comes_within_the_campaigns_days():
    for arrival in _history():
        season = next(each for each in SEASONS if each.campaign == arrival.campaign)
        assert season.first <= arrival.at.date() <= season.last


def test_a_ring_shares_few_devices():
    ring = [each for each in _history() if (each.submission.device_id or "").startswith("ring")]
    assert len({each.submission.openid for each in ring}) > 10 * len({each.submission.device_id for each in ring})
