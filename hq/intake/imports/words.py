"""The words of forms and exports, and the codes that Koi stores for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BLANKS = re.compile(r"\s+")


def _codes(**words: str) -> Mapping[str, str]:
    return {word: code.strip("_") for code, listed in words.items() for word in (code.strip("_"), *listed.split())}


_BANDS = ((2000, 3500), (3500, 5000), (5000, 8000))
TOUCHPOINTS = _codes(
    store_qr="门店扫码 门店二维码 门店 扫码 到店扫码",
    official_account="公众号 微信公众号",
    channels_live="视频号直播 视频号 直播 直播间",
    community="社群 微信群 群",
    moments="朋友圈",
    mini_program="小程序 微信小程序",
)
HORIZONS = _codes(
    now="立即 马上 现在 一周内 近期",
    _1m="本月 1个月内 一个月内 30天内",
    _3m="3个月内 三个月内",
    _6m="半年内 6个月内 六个月内",
    later="以后再说 半年后 一年内 半年以上",
    none="暂无计划 无计划 没有计划 暂不购买",
)
VEHICLES = _codes(
    none="无 没有 无车",
    ebike_other="其他品牌电动车 其它品牌电动车 电动车 电瓶车",
    ebike_same_brand="本品牌电动车 本品牌",
    petrol_motorcycle="燃油摩托 摩托车 摩托",
    car="汽车 轿车",
    bicycle="自行车 单车",
)
BUDGETS = {
    **{budget: budget for budget in ("<2000", "2000-3500", "3500-5000", "5000-8000", ">8000")},
    "2000以下": "<2000",
    "2000元以下": "<2000",
    "8000以上": ">8000",
    "8000元以上": ">8000",
    **{f"{low}{mark}{high}元": f"{low}-{high}" for low, high in _BANDS for mark in "-~至"},
    **{f"{low}{mark}{high}": f"{low}-{high}" for low, high in _BANDS for mark in "~至"},
}
_YES = frozenset(("是", "yes", "y", "true", "1", "同意", "已同意", "√", "✓", "✔", "有", "已到店", "已预约", "对"))
_NO = frozenset(("否", "no", "n", "false", "0", "不同意", "未同意", "×", "✗", "无", "没有", "未到店", "未预约", "不"))


def squeezed(text: str) -> str:
    """The text in one width and case, without blanks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def yes_or_no(text: str) -> bool | None:
    """What a tick means; None when the text says neither."""
    word = squeezed(text)
    if word in _YES:
        return True
    return False if word in _NO else None
