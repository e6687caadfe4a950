"""What stands on a store's poster, and where its code leads. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from content_library.poster import PosterFacts

_CALL: Final = "扫码报名"  # on every poster: customers read Chinese, whatever language the store's portal speaks
ON_POSTER: Final = "store_qr"
IN_COPY: Final = "community"  # it is sent on in chats: who comes by it does not stand in the store


def sign_up_link(base_url: str, campaign_code: str | None, store_code: str, touchpoint: str) -> str:
    """The campaign's page with the store and the touchpoint in it; without a campaign the brand's first page."""
    if campaign_code is None:
        return f"{base_url}/"
    return f"{base_url}/c/{quote(campaign_code, safe='')}?{urlencode({'s': store_code, 't': touchpoint})}"


def poster_facts(*, store: str, address: str, link: str) -> PosterFacts:
    """What is composed onto the picture for a store."""
    return PosterFacts(store=store, address=address, link=link, call=_CALL)
