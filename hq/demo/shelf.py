"""The demo's content: of every kind, most of it published, some for today, some waiting for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from content_library import release
from content_library import service as content
from content_library.files import files
from content_library.kinds import Kind
from content_library.places import Box, Places
from content_library.release import Audience
from hq.demo.art import picture
from shared.campaigns import queries
from shared.identity.actor import system
from shared.platform.settings import Settings

_AUTHOR, _APPROVER = system("周敏"), system("陈立")
_CLIP: Final = Path(__file__).with_name("clip.mp4")
_ON_PICTURE: Final = Places(Box(70, 76, 26), Box(4, 81.5, 62))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A piece of content; `line` stands below its title on the picture, `for_today` begins when the demo does."""

    kind: Kind
    title: str
    words: str
    line: str = ""
    places: Places | None = None
    link: str | None = None
    audience: tuple[str, tuple[str, ...]] | None = ("all", ())
    for_today: bool = False
    approved: bool = True
    before: str | None = None  # the words of the first version, where this is the second


_PIECES: Final = (
    _Piece(
        kind=Kind.POSTER,
        title="会员日：以旧换新",
        line="旧车最高抵 800 元",
        words="会员日当天，旧车抵扣最高 800 元。{门店名称}现场估价，{店长}帮你算清楚。",
    ),
    _Piece(
        kind=Kind.POSTER,
        title="S1 Pro 到店",
        line="续航 110 公里，三种颜色",
        words="S1 Pro 到店了，续航 110 公里，三种颜色都能摸到。{门店名称}，{地址}。",
        places=_ON_PICTURE,
    ),
    _Piece(
        kind=Kind.COPY,
        title="新国标换车要点",
        words="旧车过渡期快到了，换车前先看三件事：合格证、3C、上牌。拿不准就来{门店名称}问{店长}。",
    ),
    _Piece(
        kind=Kind.SCRIPT,
        title="客户说「再想想」怎么回",
        words=(
            "没事，您先想想。方便问一下，平时一天骑多远？\n\n"
            "那续航您放心，充一次够骑三天。要不周末来{门店名称}试一圈，{店长}给您留一台。\n\n"
            "试完不买也没关系，地址是{地址}。"
        ),
    ),
    _Piece(
        kind=Kind.SCRIPT,
        title="试骑预约话术",
        words="您好，我是{门店名称}的{店长}。看到您报名了试骑。\n\n这周六上午十点方便吗？我给您留一台充好电的。",
    ),
    _Piece(
        kind=Kind.VIDEO,
        title="S1 Pro 续航实测",
        line="8 秒看完",
        words="110 公里是这样骑出来的。来{门店名称}自己试一圈。",
    ),
    _Piece(
        kind=Kind.POSTER,
        title="老客户转介绍",
        line="双方各得一份保养",
        words="带朋友来{门店名称}试骑，成交后双方各得一份保养。详情问{店长}。",
        before="带朋友来{门店名称}试骑，双方各得一份保养。",
    ),
    _Piece(
        kind=Kind.PICTURE,
        title="轻舟 C2 女生款",
        line="53 公斤，脚能踩实",
        words="轻舟 C2，53 公斤，脚能踩实。{门店名称}有三色现车。",
        audience=("province", ("320000", "330000")),
    ),
    _Piece(
        kind=Kind.LINK,
        title="S1 Pro 参数页",
        words="参数都在这里，有不明白的问{店长}：",
        link="https://example.com/s1-pro",
    ),
    _Piece(
        kind=Kind.COPY, title="上牌全流程", words="带身份证和合格证，{门店名称}代办上牌，当天能骑走。报名：{报名链接}"
    ),
    _Piece(
        kind=Kind.POSTER,
        title="周五锦鲤开奖",
        line="到店试骑多抽一次",
        words="本周五锦鲤开奖，来{门店名称}试骑就能多抽一次。地址：{地址}，找{店长}。",
        for_today=True,
    ),
    _Piece(
        kind=Kind.COPY,
        title="今天群里发这条",
        words="各位{城市}的车友，今晚八点截止报名，八点半开奖。还没报的点这里：{报名链接}",
        for_today=True,
    ),
    _Piece(
        kind=Kind.POSTER,
        title="双十二预热",
        line="提前订，锁价到月底",
        words="双十二提前订，{门店名称}锁价到月底。",
        places=_ON_PICTURE,
        audience=None,
    ),
    _Piece(
        kind=Kind.POSTER,
        title="店庆邀请",
        line="来喝茶试车",
        words="{门店名称}店庆，{店长}请你来喝茶试车。",
        audience=None,
        approved=False,
    ),
)


def fill(session: Session, settings: Settings, *, campaign: str, began: datetime, now: datetime) -> None:
    """Write, approve and publish the pieces: those of every day when the demo's past began, today's now."""
    found = queries.by_code(session, campaign)
    for number, piece in enumerate(_PIECES):
        at = now if piece.for_today else began + timedelta(hours=number)
        _put(session, settings, number, piece, found.campaign_id if found else None, at)


def _put(
    session: Session, settings: Settings, number: int, piece: _Piece, campaign_id: UUID | None, now: datetime
) -> None:
    storage = files(settings.var)
    size = (1280, 720) if piece.kind is Kind.VIDEO else (1080, 1440)
    draft = content.Draft(
        kind=piece.kind,
        title=piece.title,
        copy_text=piece.before or piece.words,
        picture=picture(number, piece.title, piece.line, size=size) if piece.line else None,
        video=BytesIO(_CLIP.read_bytes()) if piece.kind is Kind.VIDEO else None,
        link=piece.link,
        campaign_id=campaign_id,
        places=piece.places,
    )
    asset_id = content.create(session, storage, draft=draft, actor=_AUTHOR, now=now)
    version = 1
    if piece.before is not None:
        session.flush()  # the next version reads the first
        second = content.Draft(title=piece.title, copy_text=piece.words, picture=None, campaign_id=campaign_id)
        version = content.edit(
            session, storage, asset_id=asset_id, seen=1, draft=second, actor=_APPROVER, now=now + timedelta(minutes=40)
        )
    if not piece.approved:
        return
    release.approve(session, asset_id=asset_id, version=version, actor=_APPROVER, now=now)
    if piece.audience is not None:
        kind, codes = piece.audience
        audience = Audience(kind, codes, starts_at=now, ends_at=now + timedelta(hours=9) if piece.for_today else None)
        release.publish(session, asset_id=asset_id, version=version, audience=audience, actor=_APPROVER, now=now)
