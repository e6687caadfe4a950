"""What a file is called on a phone. Pure."""

from __future__ import annotations

import re
from typing import Final

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]+')
_LONGEST = 60
_NAMES: Final = {"poster": "海报", "picture": "图片", "video": "视频"}


def file_name(kind: str, store: str, title: str, ending: str) -> str:
    """`海报-门店-标题.jpg`, without what file systems refuse."""
    parts = (_NOT_IN_NAMES.sub(" ", part).strip(" .")[:_LONGEST] for part in (store, title))
    return "-".join((_NAMES.get(kind, kind), *(part for part in parts if part))) + f".{ending}"
