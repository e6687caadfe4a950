"""Rows for tests: plain functions that add one thing with sensible values; any column can be given by keyword.

They write with the session they get: usually the `rows` fixture, a superuser's session, which the test commits by
itself when others should see what it made. Names, codes and numbers count upwards.
"""

from tests.factories.counting import BLIND, CARDS, NOW, RING, phone_number
from tests.factories.leads import card, claimed, follow_up, hold, lead, offered, pooled
from tests.factories.network import actor_of, dealer, hq_user, open_day, population, series, staff, store, territory
from tests.factories.people import campaign, consent, contact, face, receipt, share_text, signup
from tests.factories.rules import routing_rules

__all__ = [
    "BLIND",
    "CARDS",
    "NOW",
    "RING",
    "actor_of",
    "campaign",
    "card",
    "claimed",
    "consent",
    "contact",
    "dealer",
    "face",
    "follow_up",
    "hold",
    "hq_user",
    "lead",
    "offered",
    "open_day",
    "phone_number",
    "pooled",
    "population",
    "receipt",
    "routing_rules",
    "series",
    "share_text",
    "signup",
    "staff",
    "store",
    "territory",
]
