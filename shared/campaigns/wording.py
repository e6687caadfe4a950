"""The words that a new campaign's consents begin with; headquarters may write others.

PIPL art. 23: giving a phone number to another company needs a consent of its own that names the recipient, the
purpose, the manner and the kinds of data. Art. 15: taking it back is as easy as giving it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in both languages."""

    zh: str
    en: str


def marketing(brand: str) -> Wording:
    """News about campaigns and vehicles from the brand itself."""
    return Wording(
        zh=(
            f"发送方：{brand}。用途：把活动和新车消息用短信或微信发给你。使用的内容：称呼、手机号。"
            "一个月最多 2 条，不转给别人。随时可以撤回，撤回后不再发送。不同意不影响参加活动。"
        ),
        en=(
            f"Sender: {brand}. Purpose: news about campaigns and vehicles by text message or WeChat. "
            "What is used: your name and phone number. At most 2 messages a month; nobody else gets them. "
            "You can take this back at any time, then it stops. Saying no changes nothing about taking part."
        ),
    )


def share(brand: str, dealers: Sequence[str]) -> Wording:
    """Giving the phone to these dealers, each by name."""
    return Wording(
        zh=(
            f"提供方：{brand}。接收方：{_named(dealers, '、')}。用途：由离你近的门店联系你，安排试驾和报价。"
            "提供的内容：称呼、手机号、想买的车型和时间、所在区县。方式：加密传送，只给一家接待你的门店，"
            "不转给其他人。随时可以撤回，撤回后门店马上看不到。不同意不影响参加活动。"
        ),
        en=(
            f"From: {brand}. Recipients: {_named(dealers, '; ')}. Purpose: a store near you contacts you about a test "
            "ride and a price. What is given: your name, phone number, the model and time you have in mind, and your "
            "district. Manner: encrypted, only to the one store that looks after you, to nobody else. You can take "
            "this back at any time; the store then no longer sees it. Saying no changes nothing about taking part."
        ),
    )


def _named(dealers: Sequence[str], separator: str) -> str:
    return separator.join(dealers)


def at_store(brand: str, dealer: str) -> Wording:
    """What somebody is told who comes to a store or calls it: the number goes to the brand's system and this dealer."""
    return Wording(
        zh=(
            f"接收方：{dealer}和{brand}。用途：由{dealer}的门店联系你，安排试驾和报价；{brand}查重并记录跟进。"
            "内容：称呼、手机号、想买的车型和时间、所在区县。方式：加密保存，只给接待你的门店看，不转给其他经销商。"
            "随时可以撤回，撤回后门店马上看不到。不同意不影响看车试驾。"
        ),
        en=(
            f"Recipients: {dealer} and {brand}. Purpose: a store of {dealer} contacts you about a test ride and a "
            f"price; {brand} checks for duplicates and records what follows. What: your name, phone number, the model "
            "and time you have in mind, and your district. Manner: stored encrypted, shown only to the store that "
            "looks after you, to no other dealer. You can take this back at any time; the store then no longer sees it."
            " Saying no changes nothing about your visit."
        ),
    )
