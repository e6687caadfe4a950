"""The demo's content: a dozen pieces with drawn pictures, most of them published."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy.orm import Session

from content_library import release
from content_library import service as content
from content_library.files import files
from content_library.release import Audience
from shared.campaigns import queries
from shared.identity.actor import Actor
from shared.platform.settings import Settings

# Title, copy, whether it has a picture, whether it is published.
_PIECES: tuple[tuple[str, str, bool, bool], ...] = (
    ("周五抽奖，到店试骑", "本周五锦鲤开奖，来{门店名称}试骑就能多抽一次。地址：{地址}，找{店长}。", True, True),
    ("会员日：以旧换新补贴", "会员日当天，旧车抵扣最高 800 元。{门店名称}现场估价，{店长}帮你算清楚。", True, True),
    ("S1 Pro 到店实拍", "S1 Pro 到店了，续航 110 公里，三种颜色都能摸到。{门店名称}，{地址}。", True, True),
    (
        "新国标换车要点",
        "旧车过渡期快到了，换车前先看三件事：合格证、3C、上牌。拿不准就来{门店名称}问{店长}。",
        False,
        True,
    ),
    ("试骑预约话术", "您好，我是{门店名称}的{店长}。看到您报名了试骑，这周六上午十点方便吗？", False, True),
    ("冬天电池怎么养", "天冷掉电快，三招缓解：室内充、少亏电、低速起步。{门店名称}免费检测电池。", True, True),
    ("老客户转介绍", "带朋友来{门店名称}试骑，成交后双方各得一份保养。详情问{店长}。", True, True),
    ("周末雨天到店礼", "下雨也来，{门店名称}给你留了雨披。", True, True),
    ("轻舟 C2 女生款", "轻舟 C2，53 公斤，脚能踩实。{门店名称}有三色现车。", True, True),
    ("上牌全流程", "带身份证和合格证，{门店名称}代办上牌，当天能骑走。", False, True),
    ("双十二预热海报", "双十二提前订，{门店名称}锁价到月底。", True, False),
    ("店庆邀请", "{门店名称}店庆，{店长}请你来喝茶试车。", True, False),
)


def fill(session: Session, settings: Settings, *, campaign: str, actor: Actor, now: datetime) -> None:
    """Write, approve and publish the pieces, one a day until now; the last ones stay drafts."""
    found = queries.by_code(session, campaign)
    campaign_id = found.campaign_id if found is not None else None
    for number, piece in enumerate(_PIECES):
        _put(session, settings, number, piece, campaign_id, actor, now + timedelta(hours=number))


def _put(
    session: Session,
    settings: Settings,
    number: int,
    piece: tuple[str, str, bool, bool],
    campaign_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    title, words, pictured, published = piece
    draft = content.Draft(
        title=title, copy_text=words, picture=_picture(number) if pictured else None, campaign_id=campaign_id
    )
    asset_id = content.create(session, files(settings.var), draft=draft, actor=actor, now=now)
    if published:
        release.approve(session, asset_id=asset_id, version=1, actor=actor, now=now)
        audience = Audience(kind="all", codes=(), starts_at=now, ends_at=None)
        release.publish(session, asset_id=asset_id, version=1, audience=audience, actor=actor, now=now)


def _picture(number: int) -> bytes:
    """A drawn picture: circles, as scales of a carp, in one of four pairs of colours."""
    rnd = Random(number)  # noqa: S311 - the demo is the same every time
    ground, line = (("#fff3e6", "#e8552b"), ("#e8552b", "#fff3e6"), ("#f5f2ec", "#8a4b2a"), ("#221d18", "#e8a23b"))[
        number % 4
    ]
    image = Image.new("RGB", (1080, 1200), ground)
    pen = ImageDraw.Draw(image)
    for _ in range(34):
        x, y, r = rnd.randrange(1080), rnd.randrange(1200), rnd.randrange(40, 200)
        pen.ellipse((x - r, y - r, x + r, y + r), outline=line, width=rnd.randrange(4, 16))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
