"""What entering somebody refuses."""

from __future__ import annotations

from shared.platform.errors import Conflict, Invalid


class BadPhone(Invalid):
    """Not a mobile number; `params["reason"]`: phone_missing, phone_length, …"""

    code = "walk_in_phone"


class NotAsked(Invalid):
    """The person has not agreed: without that nothing is written down."""

    code = "walk_in_consent"


class WordsChanged(Conflict):
    """The words that were read are not those in force: the dealer's name has changed since the form was opened."""

    code = "walk_in_words"


class EnteredAlready(Conflict):
    """The store entered this number within the last day; `params["walk_in_id"]`."""

    code = "walk_in_again"
