"""Which column is which: the names that people give them, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hq.intake.imports.grid import EMPTY, Cell, Note, Refused

_NOISE = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|[\s_\-*:/·.'\"]+")

SIGNUP_COLUMNS: Mapping[str, str] = {
    "external_id": "报名编号 报名id 编号 记录编号 signupid id rowid recordid",
    "campaign": "活动 活动名称 活动编码 活动代码 所属活动 campaign campaigncode campaignname",
    "touchpoint": "渠道 触点 来源 来源渠道 报名渠道 channel touchpoint source leadsource",
    "store_code": "门店编码 门店代码 门店编号 意向门店编码 扫码门店 扫码门店编码 storecode store",
    "name": "姓名 客户姓名 客户名称 名字 称呼 联系人 用户姓名 name customername fullname",
    "phone": "手机号 手机 手机号码 电话 电话号码 联系电话 联系手机 联系方式 移动电话 客户手机 客户电话"
    " phone phonenumber phoneno mobile mobilenumber mobileno mobilephone cell cellphone tel telephone",
    "region": "所在地区 地区 区域 省市区 所在省市区 region",
    "province": "省 省份 所在省 所在省份 省市 province",
    "city": "市 城市 所在市 所在城市 地市 地级市 city",
    "county": "区县 区 县 县区 县市区 所在区县 所在区 district county",
    "county_code": "区县代码 区县编码 行政区划代码 区划代码 地区代码 countycode adcode districtcode",
    "lng": "经度 lng longitude lon",
    "lat": "纬度 lat latitude",
    "model": "意向车型 意向 想要的车型 想要的车系 车系 车型 感兴趣车型 model vehiclemodel interestedmodel",
    "horizon": "购车时间 什么时候买 购买时间 预计购车时间 计划购车时间 购车计划 purchasehorizon purchasetime",
    "vehicle": "现有车辆 现有车 现用车辆 currentvehicle",
    "budget": "预算 购车预算 budget",
    "draws": "抽奖次数 参与抽奖次数 draws drawcount",
    "test_ride": "预约试驾 预约试骑 是否预约试驾 试驾 试骑 testride testdrive bookedtestride",
    "visited": "到店 是否到店 visitedstore visited",
    "occurred_at": "报名时间 登记时间 填写时间 报名日期 提交时间 创建时间 留资时间 时间"
    " occurredat signuptime createdat submittedat",
    "invited_by": "邀请人 推荐人 invitedby inviter",
    "openid": "微信openid openid",
    "unionid": "微信unionid unionid",
    "device_id": "设备号 设备id 设备编号 deviceid device",
    "ip": "ip ip地址 ipaddress",
    "user_agent": "useragent ua 浏览器",
    "marketing": "同意营销 营销同意 同意接收营销 是否同意营销 是否同意接收营销 consentmarketing marketing",
    "share": "同意转给经销商 同意分享给经销商 同意共享给经销商 同意提供给经销商 同意给经销商 同意交给经销商"
    " 同意转交经销商 同意给门店 同意转给门店 同意分享给门店 同意共享给门店 同意提供给门店 同意交给门店"
    " 是否同意给经销商 是否同意转给经销商 是否同意分享给经销商 是否同意共享给经销商 是否同意提供给经销商"
    " 是否同意给门店 是否同意转给门店 是否同意分享给门店 是否同意提供给门店"
    " consentshare consenttoshare consenttopasstodealers sharewithdealer sharewithdealers agreestosharewithdealers",
    "note": "备注 说明 留言 note notes remark remarks comment",
}
STORE_COLUMNS: Mapping[str, str] = {
    "dealer_code": "经销商编码 经销商代码 经销商编号 dealercode",
    "dealer_name": "经销商名称 经销商 公司名称 dealername dealer",
    "code": "门店编码 门店代码 门店编号 网点编码 storecode code",
    "name": "门店名称 门店 网点名称 storename name",
    "province": "省 省份 所在省 province",
    "city": "市 城市 所在市 city",
    "county": "区县 区 县 county district",
    "county_code": "区县代码 区县编码 行政区划代码 countycode adcode",
    "address": "详细地址 地址 门店地址 address",
    "lng": "经度 lng longitude lon",
    "lat": "纬度 lat latitude",
    "coordinates": "坐标系 坐标系统 坐标类型 coordsys coordinatesystem",
    "manager_name": "店长姓名 店长 负责人 managername manager",
    "manager_phone": "店长手机 店长手机号 店长电话 负责人手机 负责人电话 managerphone",
    "hours": "营业时间 工作时间 openinghours hours",
    "holidays": "法定节假日 节假日 节假日营业 节假日营业时间 公共假期 publicholidays holidays",
    "capacity": "每日线索上限 每日上限 线索上限 接待上限 dailycap capacity",
    "weekly": "每周线索上限 每周上限 周上限 周线索上限 weeklycap weeklycapacity",
    "weight": "权重 分配权重 门店权重 weight",
    "series": "可售车系 销售车系 经营车系 车系 series models",
}
SIGNUP_NEEDS = ("phone",)
STORE_NEEDS = ("dealer_code", "code")


def plain(heading: str) -> str:
    """A heading without blanks, case, punctuation and what stands in brackets."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", heading).strip().lower())


class Vocabulary:
    """The columns one import understands.

    Attributes:
        fields: what a column can mean, in the order of a template. `phone_2` is where a second number stands.
        needs: without these there is nothing to read.
    """

    def __init__(
        self, columns: Mapping[str, str], needs: Sequence[str], spare: Mapping[str, str] | None = None
    ) -> None:
        self.aliases = columns
        self.needs = tuple(needs)
        self._spare = spare or {}
        self.fields = tuple(name for field in columns for name in (field, self._spare.get(field)) if name)
        self._field = {alias: field for field, aliases in columns.items() for alias in aliases.split()}
        self._names = {field: aliases.split() for field, aliases in columns.items()}

    def knows(self, heading: str) -> bool:
        """True for the name of a column."""
        return plain(heading) in self._field

    def guess(self, headings: Sequence[str]) -> dict[int, str]:
        """What each column (from 0) means by its name; of two with the same meaning the first."""
        fields: dict[int, str] = {}
        for i, heading in enumerate(headings):
            field = self._field.get(plain(heading))
            if field in fields.values():
                field = self._spare.get(field or "")
            if field and field not in fields.values():
                fields[i] = field
        return fields

    def read(self, headings: Sequence[str], fields: Mapping[int, str] | None = None) -> Columns:
        """Which column holds what: as given, else by the names.

        Raises:
            Refused: `column_missing`, with what it looked for and what it saw.
        """
        fields = self.guess(headings) if fields is None else fields
        index = {field: i for i, field in fields.items()}
        for field in self.needs:
            if field not in index:
                seen = [heading for heading in headings if heading]
                names = self._names[field]
                raise Refused("column_missing", column=field, name=names[0], looked_for=names, saw=seen[:40])
        spare = {field: index.pop(name) for field, name in self._spare.items() if name in index}
        return Columns(index, spare, len(headings), self._notes(headings, fields))

    def _notes(self, headings: Sequence[str], fields: Mapping[int, str]) -> tuple[Note, ...]:
        taken = {self._field.get(plain(headings[i])): i for i in fields if i < len(headings)}
        left = [(i, heading) for i, heading in enumerate(headings) if heading and i not in fields]
        twice = [i for i, heading in left if self._field.get(plain(heading)) in taken and self.knows(heading)]
        twice += [i for i, field in fields.items() if field in self._spare.values() and self.knows(headings[i])]
        unknown = [heading for i, heading in left if i not in twice]
        notes = tuple(Note("column_twice", {"heading": headings[i]}) for i in sorted(twice))
        return (*notes, Note("columns_unknown", {"headings": unknown[:40]})) if unknown else notes


@dataclass(frozen=True, slots=True)
class Columns:
    """Column numbers (from 0) by field.

    Attributes:
        index: where a field is.
        spare: where it is a second time.
        width: cells of a whole row.
    """

    index: Mapping[str, int]
    spare: Mapping[str, int]
    width: int
    notes: tuple[Note, ...]

    def cell(self, cells: Sequence[Cell], field: str) -> Cell:
        """The field's cell; empty when the column or the cell is not there."""
        i = self.index.get(field, -1)
        return cells[i] if 0 <= i < len(cells) else EMPTY

    def spare_cell(self, cells: Sequence[Cell], field: str) -> Cell:
        """The cell of the second column with the field's name."""
        i = self.spare.get(field, -1)
        return cells[i] if 0 <= i < len(cells) else EMPTY


SIGNUPS = Vocabulary(SIGNUP_COLUMNS, SIGNUP_NEEDS, {"phone": "phone_2"})
STORES = Vocabulary(STORE_COLUMNS, STORE_NEEDS)
VOCABULARIES: Mapping[str, Vocabulary] = {"signups": SIGNUPS, "stores": STORES}
