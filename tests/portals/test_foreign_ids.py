"""Every route of the dealer portal, with the ids of another dealer and of another store of the same dealer.

The routes come from the URL map: a new one is tried as soon as it exists, and one whose parameter nobody has taught
to `World.ids` fails here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.identity import passwords
from shared.identity.permissions import Role
from shared.leads.lifecycle import Stage
from shared.platform.ids import new_id
from shared.walkins.models import WalkIn
from tests import factories
from tests.factories import content
from tests.portals.conftest import PASSWORD, sign_in

_HASH = passwords.hash_password(PASSWORD)
_NOT_TRIED = {"static", "account.leave", "account.end_others"}  # they take no id, and would sign the tester out
_NO_IDS = {"kind": "copy", "ending": "copy", "width": 480, "way": "sms"}
_SNAPSHOT = (
    "assignments",
    "follow_ups",
    "holds",
    "pulls",
    "notifications",
    "staff_sessions",
    "store_days",
    "store_giving",
    "staff_duty",
    "seller_turns",
    "lead_givings",
)


@dataclass
class World:
    """What one store has: ids by parameter name, and words that only its own people may read."""

    dealer_id: UUID
    store_id: UUID
    words: list[str]
    ids: dict[str, list[UUID]] = field(default_factory=dict)


def build(rows: Any, label: str, store: Any) -> World:
    """Fill a store with everything a dealer can reach, each thing with the label in it."""
    who = factories.staff(rows, [store], name=f"{label}店员")
    live = [
        *factories.offered(rows, store, name=f"{label}客户", phone=f"+86139{_digits(label)}"),
        *(factories.claimed(rows, store, stage=stage) for stage in (Stage.CLAIMED, Stage.CONTACTED, Stage.WON)),
    ]
    for given in live:
        given.offer = {**given.offer, "name": f"{label}客", "district": f"{label}区"}
        factories.follow_up(rows, given, by=who.user_id, kind="note", note=f"{label}备注")
    asset = content.asset(rows, copy=f"{label}文案 {{门店名称}}", title=f"{label}素材")
    publication = content.publication(rows, asset, [store])
    pull = content.pulled(rows, store, publication, by=who.user_id)
    walk_in = _walk_in(rows, label, who, store)
    pooled = factories.pooled(rows, store, name=f"{label}客户", phone=f"+86139{_digits(label)}")
    pooled.offer = {**pooled.offer, "name": f"{label}客", "district": f"{label}区"}
    rows.flush()
    return World(
        store.dealer_id,
        store.store_id,
        [label, f"139{_digits(label)}"],
        {
            "assignment_id": [given.assignment_id for given in live],
            "store_id": [store.store_id],
            "lead_id": [pooled.lead_id],
            "user_id": [who.user_id],
            "session_id": [_session(rows, who)],
            "publication_id": [publication.publication_id],
            "pull_id": [pull],
            "walk_in_id": [walk_in],
            "asset_id": [asset.asset_id],
            "dealer_id": [store.dealer_id],
        },
    )


def _walk_in(rows: Any, label: str, who: Any, store: Any) -> UUID:
    made = WalkIn(
        dealer_id=store.dealer_id,
        walk_in_id=new_id(factories.NOW),
        store_id=store.store_id,
        user_id=who.user_id,
        touchpoint="walk_in",
        name_masked=f"{label}客",
        phone_masked="139****0000",
        phone_bidx=b"",
        sealed=None,
        region={},
        interest={},
        consent_text="",
        consent_how="spoken",
        entered_at=factories.NOW,
        state="refused",
        code="known",
    )
    rows.add(made)
    return made.walk_in_id


def _digits(label: str) -> str:
    return f"{sum(map(ord, label)):08}"


def _session(rows: Any, who: Any) -> UUID:
    session_id = new_id(factories.NOW)
    rows.execute(
        text(
            "INSERT INTO staff_sessions (dealer_id, session_id, user_id, secret_hash, created_at, seen_at, expires_at,"
            " address, agent)"
            " VALUES (:dealer, :session, :user, '\\x00', now(), now(), now() + interval '1 day', '', '')"
        ),
        {"dealer": who.dealer_id, "session": session_id, "user": who.user_id},
    )
    return session_id


@pytest.fixture
def street(rows):
    """Our store, a sister store of the same dealer, and a store of another dealer."""
    dealer, other = factories.dealer(rows, name="本经销商"), factories.dealer(rows, name="金丝雀经销商")
    ours = factories.store(rows, dealer, name="本店")
    sister = factories.store(rows, dealer, name="姊妹店")
    foreign = factories.store(rows, other, name="金丝雀店")
    worlds = {
        "ours": build(rows, "本家", ours),
        "sister": build(rows, "姊妹", sister),
        "foreign": build(rows, "金丝雀", foreign),
    }
    rows.commit()
    return ours, worlds


@pytest.fixture
def somebody(rows, browser):
    """Signs somebody of a role in at a store."""

    def make(role: Role, store: Any) -> Any:
        login = f"tester-{role.value.replace('_', '-')}-{factories.phone_number()[-6:]}"
        at = rows.get(type(factories.dealer(rows)), store.dealer_id) if role is Role.DEALER_OWNER else [store]
        factories.staff(rows, at, role, login=login, password_hash=_HASH)
        rows.commit()
        here = browser()
        assert sign_in(here, "/dealer", login).status_code == 303
        return here

    return make


def routes(app, *, with_ids: bool):
    """(method, rule) of the portal's routes that take ids, or of those that take none."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in _NOT_TRIED or rule.endpoint.startswith("health.") or "token" in rule.arguments:
            continue
        if bool(rule.arguments - _NO_IDS.keys()) is with_ids:
            yield from ((method, rule) for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}))


def addresses(rule, world):
    """The rule's addresses with each id of the world in turn."""
    unknown = {name for name in rule.arguments if name not in world.ids and name not in _NO_IDS}
    assert not unknown, f"{rule}: teach World.ids the parameters {sorted(unknown)}"
    most = max(len(world.ids.get(name, [None])) for name in rule.arguments)
    for turn in range(most):
        path = rule.rule
        for name in rule.arguments:
            ids = world.ids.get(name, [_NO_IDS.get(name)])
            path = path.replace(f"<uuid:{name}>", str(ids[turn % len(ids)])).replace(f"<{name}>", str(ids[0]))
            path = path.replace(f"<int:{name}>", str(_NO_IDS.get(name)))
        yield f"/dealer{path}"


def forms(world):
    """Ids of the world under every name that a form field could have."""
    one = {name: str(ids[0]) for name, ids in world.ids.items()}
    return {**one, "store": one["store_id"], "to": one["user_id"], "assignee": one["user_id"]}


def snapshot(rows, world):
    """Everything of the world that a request could have changed."""
    rows.rollback()
    return {
        table: rows.execute(
            text(f"SELECT * FROM {table} t WHERE dealer_id = :dealer ORDER BY t::text"), {"dealer": world.dealer_id}
        ).all()
        for table in _SNAPSHOT
    }


def leaked(answer, world):
    """The words of the world that stand in an answer or its headers."""
    everything = answer.get_data(as_text=True) + str(answer.headers)
    return [word for word in world.words if word in everything]


@pytest.mark.parametrize("role", [Role.DEALER_OWNER, Role.STORE_MANAGER, Role.SALESPERSON])
def test_another_dealers_ids_are_not_there(role, street, somebody, faces, rows, capfd):
    ours, worlds = street
    _try_all(somebody(role, ours), faces.dealer, worlds["foreign"], rows, role)
    logged = "".join(capfd.readouterr())
    assert not [word for word in worlds["foreign"].words if word in logged]


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.SALESPERSON])
def test_another_stores_ids_are_not_there_either(role, street, somebody, faces, rows):
    ours, worlds = street
    _try_all(somebody(role, ours), faces.dealer, worlds["sister"], rows, role)


def _try_all(here, app, world, rows, role):
    before = snapshot(rows, world)
    here.get("/dealer/account")  # a page with the form's token
    answers = []
    for method, rule in routes(app, with_ids=True):
        for path in addresses(rule, world):
            answer = here.get(path) if method == "GET" else here.post(path, forms(world))
            # A role that lacks the permission is refused before the id is even looked at.
            expected = {404} if role is not Role.SALESPERSON else {404, 403}
            answers.append((method, path, answer.status_code in expected, leaked(answer, world), answer.status_code))
    assert answers
    assert [each for each in answers if not each[2] or each[3]] == []
    assert snapshot(rows, world) == before


@pytest.mark.parametrize("whose", ["sister", "foreign"])
@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.SALESPERSON])
def test_no_page_shows_them_whatever_the_address_asks_for(role, whose, street, somebody, faces, rows):
    ours, worlds = street
    world = worlds[whose]
    here = somebody(role, ours)
    query = "&".join(f"{name}={value}" for name, value in forms(world).items())
    pages = [f"/dealer{rule.rule}" for method, rule in routes(faces.dealer, with_ids=False) if method == "GET"]
    found = [(path, leaked(here.get(path), world)) for page in pages for path in (page, f"{page}?{query}")]
    assert found
    assert [each for each in found if each[1]] == []


def test_the_tester_would_see_the_words_at_home(street, somebody):
    """The other tests cannot pass by looking for words that no page ever shows."""
    ours, worlds = street
    here = somebody(Role.STORE_MANAGER, ours)
    pages = [here.get(f"/dealer/leads/{one}") for one in worlds["ours"].ids["assignment_id"]]
    assert any(leaked(page, worlds["ours"]) for page in pages)
