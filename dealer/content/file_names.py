"""What a poster is called on a phone. Pure."""

from __future__ import annotations

import re

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]+')
_LONGEST = 60


def poster_name(store: str, title: str) -> str:
    """`海报-门店-标题.jpg`, without what file systems refuse."""
    parts = (_NOT_IN_NAMES.sub(" ", part).strip(" .")[:_LONGEST] for part in (store, title))
    return "-".join(("海报", *(part for part in parts if part))) + ".jpg"
