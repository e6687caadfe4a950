"""Mobile numbers of mainland China as people type them, read into one form or refused with a code."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

_PLAIN = re.compile(r"1[3-9][0-9]{9}")
_PLAIN_E164 = re.compile(r"\+861[3-9][0-9]{9}")
_PREFIXED = re.compile(r"(\+86|0086|86|0)?(1[3-9][0-9]{9})")
_INSIDE = re.compile(r"(?<![0-9])(?:\+?86|0086)?(1[3-9][0-9]{9})(?![0-9])")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−.·•_()\[\]]+")
_BETWEEN_NUMBERS = re.compile(r"[/\\、;,|&或和\n]+")
_NUMBERS_APART = re.compile(r"[^0-9+]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NUMBER_FORM = re.compile(r"\+?([0-9])(?:\.([0-9]*))?[eE]\+?([0-9]{1,2})")
_WHOLE_DECIMAL = re.compile(r"([0-9]{5,})\.0*")
_NOT_DIGIT = re.compile(r"[^0-9]")
_FEWEST_DIGITS = 7  # a local landline number; what is shorter is an extension or a note
_UNDECODABLE = "\ufffd"

# MIIT gives whole prefixes to virtual operators; public segment tables mark them only in part,
# so the prefix decides (170, 171: 2013; 167: 2016; 165: 2018; 162: 2019).
_VIRTUAL_PREFIXES = frozenset({"162", "165", "167", "170", "171"})


@dataclass(frozen=True, slots=True)
class Phone:
    """A usable mobile number.

    Attributes:
        e164: `+86` and eleven digits.
        repairs: what had to be put right, in order; empty for a number written plainly. Codes:
            trimmed, apostrophe, fullwidth, number_form, separators, country_code, dialling_zero,
            first_of_several, text_around.
    """

    e164: str
    repairs: tuple[str, ...] = ()

    @property
    def national(self) -> str:
        """The eleven digits that people in China write."""
        return self.e164[3:]


@dataclass(frozen=True, slots=True)
class PhoneProblem:
    """Why a text is no usable mobile number.

    Attributes:
        code: phone_missing, phone_length, phone_prefix, phone_landline or phone_rounded.
    """

    code: str


def parse_phone(text: str | float | None) -> Phone | PhoneProblem:
    """Read a phone from a form, a request or a spreadsheet cell (a number cell gives an int or a float).

    Of several numbers in one cell the first mobile number wins. A number that a spreadsheet has
    rounded (`1.38E+10`) cannot be repaired; one that kept all its digits can.
    """
    if isinstance(text, str):
        if _PLAIN.fullmatch(text):
            return Phone("+86" + text)
        if _PLAIN_E164.fullmatch(text):
            return Phone(text)
        return _read(text)
    return _read_number(text)


def _read_number(value: float | None) -> Phone | PhoneProblem:
    if value is None or isinstance(value, bool) or not math.isfinite(value):
        return PhoneProblem("phone_missing")
    if isinstance(value, int):
        return parse_phone(str(value))
    if not value.is_integer():
        return PhoneProblem("phone_length")
    return _with_repair(parse_phone(str(int(value))), "number_form")


def _with_repair(found: Phone | PhoneProblem, repair: str) -> Phone | PhoneProblem:
    if isinstance(found, PhoneProblem) or repair in found.repairs:
        return found
    return Phone(found.e164, (repair, *found.repairs))


def _read(raw: str) -> Phone | PhoneProblem:
    text, repairs = _tidied(raw)
    if not text:
        return PhoneProblem("phone_missing")
    if number := _NUMBER_FORM.fullmatch(text):
        return _read_scientific(number)
    if whole := _WHOLE_DECIMAL.fullmatch(text):
        return _with_repair(parse_phone(whole[1]), "number_form")
    found = _first_mobile(text)
    if found is None:
        return PhoneProblem(_problem_code(text))
    number_text, more = found
    return Phone("+86" + number_text, (*repairs, *more))


def _tidied(raw: str) -> tuple[str, list[str]]:
    """The text without what carries no meaning, and what was taken off."""
    repairs = []
    text = _INVISIBLE.sub("", raw)
    stripped = text.strip()
    if stripped != raw:
        repairs.append("trimmed")
    bare = stripped.lstrip("'’‘`＇").rstrip("'’＇").strip()
    if bare != stripped:
        repairs.append("apostrophe")
    narrow = unicodedata.normalize("NFKC", bare)
    if narrow != bare:
        repairs.append("fullwidth")
    return narrow.strip(), repairs


def _read_scientific(number: re.Match[str]) -> Phone | PhoneProblem:
    """A number as a spreadsheet shows it: whole when every digit is written out, else rounded."""
    digits, exponent = number[1] + (number[2] or ""), int(number[3])
    if len(digits) <= exponent:
        return PhoneProblem("phone_rounded")
    whole, rest = digits[: exponent + 1], digits[exponent + 1 :]
    if rest.strip("0"):
        return PhoneProblem("phone_length")
    return _with_repair(parse_phone(whole), "number_form")


def _first_mobile(text: str) -> tuple[str, list[str]] | None:
    """The first mobile number in the text with the repairs it took, or None."""
    if found := _one_number(text):
        return found
    if _UNDECODABLE in text:
        return None
    pieces = [piece for piece in _BETWEEN_NUMBERS.split(text) if piece.strip()]
    for split in (pieces, text.split(), _NUMBERS_APART.split(text)):
        several = [piece.strip() for piece in split if len(_NOT_DIGIT.sub("", piece)) >= _FEWEST_DIGITS]
        if len(several) > 1 and (found := next(filter(None, map(_one_number, several)), None)):
            return found[0], ["first_of_several", *found[1]]
    for piece in pieces:
        joined = _SEPARATORS.sub("", piece)
        if "+" in joined and "+86" not in joined:
            continue
        if inside := _INSIDE.search(joined):
            return inside[1], ["text_around"]
    return None


def _one_number(piece: str) -> tuple[str, list[str]] | None:
    joined = _SEPARATORS.sub("", piece)
    match = _PREFIXED.fullmatch(joined)
    if match is None:
        return None
    repairs = ["separators"] if joined != piece else []
    if match[1]:
        repairs.append("dialling_zero" if match[1] == "0" else "country_code")
    return match[2], repairs


def _problem_code(text: str) -> str:
    """Which rule the first number in the text breaks."""
    pieces = [piece for piece in _BETWEEN_NUMBERS.split(text) if _NOT_DIGIT.sub("", piece)]
    if not pieces:
        return "phone_missing"
    joined = _SEPARATORS.sub("", pieces[0])
    digits = _NOT_DIGIT.sub("", joined)
    if joined.startswith(("+86", "0086")):
        digits = digits.removeprefix("00").removeprefix("86")
        if len(digits) in (9, 10) and not digits.startswith("1"):
            return "phone_landline"
    elif joined.startswith("+"):
        return "phone_prefix"
    if _is_landline(digits):
        return "phone_landline"
    return "phone_prefix" if len(digits) == 11 and digits[:2] not in _MOBILE_STARTS else "phone_length"


_MOBILE_STARTS = frozenset(f"1{second}" for second in range(3, 10))


def _is_landline(digits: str) -> bool:
    """An area code (0 and two or three digits) with seven or eight digits, or a 400/800 service number."""
    if digits.startswith("0") and not digits.startswith("00"):
        return 10 <= len(digits) <= 12
    return len(digits) == 10 and digits.startswith(("400", "800"))


def is_virtual_operator(phone: str) -> bool:
    """Whether an E.164 number has a prefix that only virtual operators (虚拟运营商) sell."""
    return phone[3:6] in _VIRTUAL_PREFIXES


def mask(phone: str) -> str:
    """`138****0000` of an E.164 or national number."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}"


def last4(phone: str) -> str:
    """The last four digits, which people say when they ask about themselves."""
    return phone[-4:]
