"""How names of divisions are written: with and without 省, 市, 区 and the peoples of an autonomous unit."""

from __future__ import annotations

import re
import unicodedata

_PEOPLES = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族"
    "|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族"
    "|普米族|塔吉克族|怒族|鄂温克族|保安族|裕固族|独龙族|鄂伦春族|各族|蒙古|回|藏|维吾尔|哈萨克|柯尔克孜|塔吉克|锡伯|壮"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:{_PEOPLES})*自治[区州县旗]")
_ENDING = re.compile(r"(.{2,}?)(?:特别行政区|地区|林区|特区|省|市|盟|区|县|旗)")


def tidy(text: str | None) -> str:
    """One spelling for comparison: no spaces, half-width, lower case, no stop at the end."""
    return "".join(unicodedata.normalize("NFKC", text or "").split()).lower().strip(".。,，、·-")


def name_stem(name: str) -> str:
    """`广西` of 广西壮族自治区, `昆山` of 昆山市, `前郭尔罗斯` of 前郭尔罗斯蒙古族自治县; 赣县 stays 赣县."""
    match = _AUTONOMOUS.fullmatch(name) or _ENDING.fullmatch(name)
    return match[1] if match else name
