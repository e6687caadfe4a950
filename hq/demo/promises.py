"""What the demo's campaigns show: prizes, rules and dates, as the law asks for them before the start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from hq.demo.crowd import Season
from shared.campaigns import opening, service
from shared.campaigns.face import Face, Prize
from shared.identity.actor import Actor
from shared.platform.clock import day_start

_NAMES = ("十一月会员日", "锦鲤星期五")
_HEADLINES = ("会员日抽保养券", "抽一辆锦程 S1 Pro")
_PRIZES = (
    (
        Prize(tier="一等奖", name="全年免费保养", value=Decimal(600), count=10),
        Prize(tier="二等奖", name="头盔", value=Decimal(159), count=60),
    ),
    (
        Prize(tier="一等奖", name="锦程 S1 Pro 一辆", value=Decimal(4999), count=1),
        Prize(tier="二等奖", name="48V 锂电池", value=Decimal(899), count=5),
        Prize(tier="三等奖", name="头盔", value=Decimal(159), count=50),
    ),
)
_RULES = (
    "年满 18 周岁、居住在中国大陆的自然人可以参加，每人每期一次机会，报名即有效，不用购买。"
    "本公司与经销商的员工不参加。中奖名单在开奖后一小时内公布，保存两年。不得转让，不折现。"
)


def open_campaigns(session: Session, seasons: Sequence[Season], brand: str, *, actor: Actor, now: datetime) -> None:
    """Make both campaigns with their texts and what they show."""
    for number, season in enumerate(seasons):
        opened = opening.open_with_texts(
            session, code=season.campaign, name=_NAMES[number], brand=brand, actor=actor, now=now
        )
        draw_at = day_start(season.last + timedelta(days=1 if number == 0 else 8)) + timedelta(hours=20)
        face = Face(
            headline=_HEADLINES[number],
            organiser=f"{brand}（演示，虚构）",
            contact="演示热线 400-000-0000",
            draw_at=draw_at,
            draw_method="截止后公布全部报名编号的清单与其 SHA-256，再用公布时间之后第一期公开随机数依次抽取。",
            redemption="中奖后 30 天内到任一门店凭身份证领取，逾期作废。",
            rules=_RULES,
            prizes=_PRIZES[number],
        )
        service.show(
            session,
            campaign_id=opened.campaign_id,
            face=face,
            phone_check="optional",
            seen_version=0,
            actor=actor,
            now=now,
        )
