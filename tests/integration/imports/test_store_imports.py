"""A dealer list becomes dealers, stores and drafted managers."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from content_library.models import ShelfItem
from hq.intake.imports import undo_service
from hq.intake.imports.models import ImportReject
from hq.intake.imports.tally import counts_in
from shared.db.session import now_of, unit_of_work
from shared.dealers.models import Dealer, Store
from shared.identity.models import Staff, StaffStore
from tests import factories as make
from tests.factories import content
from tests.integration.imports.conftest import OPERATOR
from tests.unit.intake.workbooks import csv_bytes, xlsx_bytes

HEADINGS = [
    "经销商编码",
    "经销商名称",
    "门店编码",
    "门店名称",
    "省",
    "市",
    "区县",
    "区县代码",
    "详细地址",
    "经度",
    "纬度",
    "坐标系",
    "店长姓名",
    "店长手机",
    "营业时间",
    "每日线索上限",
]
PLACE = ["广东", "广州", "天河区", "440106", "天河路1号", 113.3612, 23.1247, "WGS-84"]
ONE = ["D1", "广州骥行", "QJ1", "天河店", *PLACE, "林波", 13800138000, "9:00-18:00", 8]
TWO = ["D1", "广州骥行", "QJ2", "体育西店", *PLACE, "林波", "138 0013 8000", "", ""]
THREE = ["D2", "佛山恒达", "QJ3", "禅城店", "广东", "佛山", "", "", "", 121.47, 31.23, "", "陈", "", "全天", "不限"]
TOTAL = ["合计", "5家"]


def everything(rows, model, order):
    rows.rollback()
    rows.expire_all()
    return rows.scalars(select(model).order_by(order)).all()


def test_dealers_stores_and_managers(upload, work, found, rows):
    import_id = upload(xlsx_bytes([HEADINGS, ONE, TWO, THREE, TOTAL]), kind="stores", file_name="stores.xlsx")
    work()
    job = found(import_id)
    assert (job.state, job.rows, job.accepted, job.rejected) == ("done", 3, 3, 0)
    assert [(d.code, d.name) for d in everything(rows, Dealer, Dealer.code)] == [("D1", "广州骥行"), ("D2", "佛山恒达")]
    one, two, three = everything(rows, Store, Store.code)
    assert (one.county_code, one.point_source, one.daily_capacity) == ("440106", "as_given", 8)
    assert two.daily_capacity == 10
    assert (three.city_code, three.point_source, three.daily_capacity) == ("440600", "city", None)
    remarks = {"coordinates_blank": 1, "point_in_wrong_province": 1, "point_twice": 1}
    assert counts_in(job.notes)["remarks"] == remarks
    differs = next(note for note in job.notes if note["code"] == "total_differs")
    assert differs["params"] == {"row": 5, "stated": 5, "counted": 3}


def test_one_phone_is_one_drafted_manager_of_all_its_stores(upload, work, rows):
    upload(csv_bytes([HEADINGS, ONE, TWO]), kind="stores")
    work()
    (person,) = everything(rows, Staff, Staff.name)
    assert (person.name, person.role, person.status, person.password_hash) == ("林波", "store_manager", "invited", None)
    assert "13800138000" not in person.login_masked
    stores = everything(rows, Store, Store.code)
    assert {at.store_id for at in everything(rows, StaffStore, StaffStore.store_id)} == {s.store_id for s in stores}


def test_a_phone_with_an_account_at_another_dealer_drafts_nobody(upload, work, found, rows):
    make.staff(rows, [make.store(rows)], login="+8613800138000")
    rows.commit()
    import_id = upload(csv_bytes([HEADINGS, ONE]), kind="stores")
    work()
    assert len(everything(rows, Staff, Staff.name)) == 1
    assert counts_in(found(import_id).notes)["remarks"] == {"manager_elsewhere": 1}


def test_a_code_used_twice_is_rejected_with_the_first_row(upload, work, found, rows):
    import_id = upload(csv_bytes([HEADINGS, ONE, [*THREE[:2], "QJ1", *THREE[3:]]]), kind="stores")
    work()
    assert (found(import_id).accepted, found(import_id).rejected) == (1, 1)
    (row,) = everything(rows, ImportReject, ImportReject.row)
    assert row.reason == {"code": "store_code_twice", "params": {"code": "QJ1", "first": 2}}


def test_a_corrected_list_changes_what_is_there_and_adds_nothing_twice(upload, work, rows):
    upload(csv_bytes([HEADINGS, ONE, TWO]), kind="stores")
    work()
    before = {store.code: store.store_id for store in everything(rows, Store, Store.code)}
    upload(csv_bytes([HEADINGS, [*ONE[:3], "天河旗舰店", *ONE[4:-1], 20], TWO]), kind="stores")
    work()
    stores = everything(rows, Store, Store.code)
    assert {store.code: store.store_id for store in stores} == before
    assert (stores[0].name, stores[0].daily_capacity) == ("天河旗舰店", 20)
    assert len(everything(rows, Staff, Staff.name)) == 1


def test_what_a_list_does_not_say_stays_as_it_was(upload, work, rows):
    make.series(rows, "S1", "锦程 S1")
    rows.commit()
    full = [[*HEADINGS, "每周线索上限", "权重", "可售车系"], [*ONE, 40, 3, "锦程 S1"]]
    upload(csv_bytes(full), kind="stores")
    work()
    upload(csv_bytes([HEADINGS, [*ONE[:-1], ""]]), kind="stores")
    work()
    (store,) = everything(rows, Store, Store.code)
    assert (store.daily_capacity, store.weekly_capacity, store.weight, store.series) == (8, 40, 3, ["S1"])


def test_a_list_without_holidays_leaves_what_stores_do_on_them(upload, work, rows):
    upload(
        xlsx_bytes([[*HEADINGS, "法定节假日"], [*ONE, "10:00-16:00；调休日不营业"]]), kind="stores", file_name="a.xlsx"
    )
    work()
    later = [*ONE[:-2], "8:30-17:00", 8]
    upload(xlsx_bytes([HEADINGS, later]), kind="stores", file_name="b.xlsx")
    work()
    (store,) = everything(rows, Store, Store.code)
    assert (store.hours["mon"], store.hours["holidays"], store.hours["make_up"]) == (
        ["08:30-17:00"],
        ["10:00-16:00"],
        False,
    )


def test_a_store_of_another_dealer_is_never_taken_over(upload, work, found, rows):
    theirs = make.store(rows, code="QJ1", name="别家店")
    rows.commit()
    import_id = upload(csv_bytes([HEADINGS, ONE]), kind="stores")
    work()
    assert counts_in(found(import_id).notes)["reasons"] == {"store_of_other_dealer": 1}
    (store,) = everything(rows, Store, Store.code)
    assert (store.dealer_id, store.name) == (theirs.dealer_id, "别家店")


def test_a_new_store_gets_the_content_that_runs(upload, work, rows):
    running = content.publication(rows, content.asset(rows), [make.store(rows)])
    content.publication(rows, content.asset(rows), [], ends_at=make.NOW + timedelta(minutes=1))
    rows.commit()
    upload(xlsx_bytes([HEADINGS, ONE]), kind="stores", file_name="stores.xlsx")
    work()
    (store,) = everything(rows, Store, Store.code)[:1]
    items = [item for item in everything(rows, ShelfItem, ShelfItem.publication_id) if item.store_id == store.store_id]
    assert [item.publication_id for item in items] == [running.publication_id]


def undone(hq_engine, import_id):
    with unit_of_work(hq_engine) as session:
        undo_service.undo_stores(session, import_id=import_id, actor=OPERATOR, now=now_of(session))


def test_an_undone_list_gives_stores_their_former_words_back_and_closes_what_it_brought(
    upload, work, found, rows, hq_engine
):
    upload(csv_bytes([HEADINGS, ONE]), kind="stores")
    work()
    import_id = upload(
        csv_bytes([HEADINGS, ["D1", "新名字", "QJ1", "天河旗舰店", *ONE[4:-1], 20], TWO, THREE]), kind="stores"
    )
    work()
    undone(hq_engine, import_id)
    stores = everything(rows, Store, Store.code)
    assert (stores[0].name, stores[0].daily_capacity, stores[0].status) == ("天河店", 8, "active")
    assert [store.status for store in stores[1:]] == ["closed", "closed"]
    assert everything(rows, Dealer, Dealer.code)[0].name == "广州骥行"
    job = found(import_id)
    assert (job.state, job.undo["restored"], job.undo["closed"]) == ("undone", 1, 2)
    upload(csv_bytes([HEADINGS, TWO]), kind="stores", file_name="again.csv")
    work()
    assert {store.code: store.status for store in everything(rows, Store, Store.code)}["QJ2"] == "active"


def test_undoing_a_list_leaves_alone_what_was_changed_or_used_since(upload, work, found, rows, hq_engine):
    import_id = upload(csv_bytes([HEADINGS, ONE, TWO, THREE]), kind="stores")
    work()
    one, two, _three = everything(rows, Store, Store.code)
    one.name = "改过的店"
    make.claimed(rows, two)
    rows.commit()
    undone(hq_engine, import_id)
    assert [store.status for store in everything(rows, Store, Store.code)] == ["active", "active", "closed"]
    assert (found(import_id).undo["changed"], found(import_id).undo["used"]) == (1, 1)
