"""Headquarters' pages about territories: the list, the map with gaps and overlaps, one, changing and moving it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.network import history
from hq.network.errors import Stale
from hq.network.population import queries as population
from hq.network.population.views import bp as population_bp
from hq.network.territories import foretelling, holders, queries, service, sketch
from hq.network.territories.coverage import State, total
from hq.network.territories.foretelling import Foretold
from hq.network.territories.forms import MoveForm, TerritoryForm
from hq.network.territories.service import Wanted
from hq.network.territories.territory_list import TERRITORIES, WITHOUT_PEOPLE
from shared.identity.permissions import Permission
from shared.platform.errors import DomainError
from shared.population.people import people_by_county
from shared.regions import divisions
from shared.regions.resolve import resolve
from shared.web import tables
from shared.web.access import requires
from shared.web.notes import Undo, done
from shared.web.words import tell

bp = Blueprint("territories", __name__, url_prefix="/network/territories", template_folder="templates")
tables.serve(bp, TERRITORIES)
bp.register_blueprint(population_bp)

_SHOWN = 40
_FOUND = 12


@bp.get("")
@requires(Permission.STORES_READ)
def index() -> ResponseReturnValue:
    """The list."""
    known = population.in_force(g.session) is not None
    return render_template("territories/index.html", table=tables.read(TERRITORIES if known else WITHOUT_PEOPLE))


@bp.get("/map")
@requires(Permission.STORES_READ)
def coverage() -> ResponseReturnValue:
    """Where territories lie, with gaps and overlaps as lists."""
    kept = queries.COVERAGE.coverage(g.session)
    leads, people = queries.leads_by_county(g.session, now=g.now), people_by_county(g.session)
    chosen = divisions.by_code(request.args.get("province", ""))
    province = chosen.code if chosen is not None and chosen.level == "province" else None
    covers = [cover for cover in kept.covers if province in (None, cover.county.province_code)]
    overlaps = kept.overlaps(leads, people, province=province)
    shown = overlaps[:_SHOWN]
    ids = {each for overlap in shown for each in (*overlap.exclusive, *overlap.shared)}
    gaps = kept.gaps(leads, people, province=province)
    by_state = {state: [cover.county for cover in covers if cover.state is state] for state in State}
    return render_template(
        "territories/map.html",
        sketch=sketch.draw(covers, queries.store_points(g.session, province)),
        states={state: len(counties) for state, counties in by_state.items()},
        leads={state: total(leads, counties) for state, counties in by_state.items()},
        people={state: total(people, counties) for state, counties in by_state.items()},
        population=population.in_force(g.session),
        unknown=sum(cover.county.code not in people for cover in covers),
        gaps=gaps[:_SHOWN],
        gap_cities=len(gaps),
        overlaps=shown,
        overlap_count=len(overlaps),
        names=queries.names(g.session, ids),
        provinces=divisions.provinces(),
        province=province,
        any=any(cover.territories for cover in kept.covers),
    )


@bp.get("/divisions")
@requires(Permission.STORES_READ)
def find_divisions() -> ResponseReturnValue:
    """Divisions of any level whose name holds what was typed, to be put into the form."""
    words = request.args.get("division", "").strip()[:40]
    return render_template("territories/found.html", found=_find(words) if words else None)


@bp.get("/new")
@requires(Permission.STORES_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new territory."""
    return _form_page(TerritoryForm(formdata=None, whom=request.args.get("whom", "")[:60]), None)


@bp.post("/new")
@requires(Permission.STORES_WRITE)
def add() -> ResponseReturnValue:
    """Add a territory; what speaks against it is shown first, and the next press saves it all the same."""
    form = TerritoryForm()
    answer = _wanted(form, None)
    if not isinstance(answer, Wanted):
        return answer
    territory_id = service.add(g.session, wanted=answer, actor=g.actor, now=g.now)
    done(_("The territory is there."), undo=Undo(url_for(".remove", territory_id=territory_id)))
    return redirect(url_for(".show", territory_id=territory_id), 303)


@bp.get("/<uuid:territory_id>")
@requires(Permission.STORES_READ)
def show(territory_id: UUID) -> ResponseReturnValue:
    """One territory."""
    facts = queries.one(g.session, territory_id)
    kept = queries.COVERAGE.coverage(g.session)
    mine = kept.by_territory.get(territory_id, ())
    leads, people = queries.leads_by_county(g.session, now=g.now), people_by_county(g.session)
    rivals = {each for cover in mine for each in cover.territories} - {territory_id}
    near = {cover.county.province_code for cover in mine}
    around = [cover for cover in kept.covers if cover.county.province_code in near]
    return render_template(
        "territories/show.html",
        facts=facts,
        territory=facts.territory,
        area=queries.division_names(facts.territory.divisions),
        counties=sorted(mine, key=lambda cover: _weight(cover.county.code, people, leads)),
        leads=leads,
        total=total(leads, (cover.county for cover in mine)),
        people=people,
        inhabitants=total(people, (cover.county for cover in mine)),
        population=population.in_force(g.session),
        unknown=sum(cover.county.code not in people for cover in mine),
        rivals=queries.names(g.session, rivals),
        sketch=sketch.draw(around, queries.points_of(facts.stores)) if around else None,
        named=queries.consent_names(g.session, facts.territory.for_dealer_id),
        history=history.of(g.session, f"territory:{territory_id}"),
    )


@bp.get("/<uuid:territory_id>/edit")
@requires(Permission.STORES_WRITE)
def edit(territory_id: UUID) -> ResponseReturnValue:
    """The form of a territory."""
    return _form_page(TerritoryForm.of(queries.one(g.session, territory_id)), territory_id)


@bp.post("/<uuid:territory_id>/edit")
@requires(Permission.STORES_WRITE)
def save(territory_id: UUID) -> ResponseReturnValue:
    """Change a territory; what speaks against it is shown first, and the next press saves it all the same."""
    form = TerritoryForm()
    answer = _wanted(form, territory_id)
    if not isinstance(answer, Wanted):
        return answer
    try:
        changes = service.edit(
            g.session,
            territory_id=territory_id,
            seen=form.seen.data or "",
            wanted=answer,
            actor=g.actor,
            now=g.now,
        )
    except Stale as refusal:
        form.refuse(refusal)
        form.seen.data = queries.one(g.session, territory_id).territory.changed_at.isoformat()  # now they have seen it
        return _form_page(form, territory_id), refusal.status
    done(_("Saved.") if changes else _("Nothing was different, so nothing was changed."))
    return redirect(url_for(".show", territory_id=territory_id), 303)


@bp.get("/<uuid:territory_id>/move")
@requires(Permission.STORES_WRITE)
def move_page(territory_id: UUID) -> ResponseReturnValue:
    """Whom a territory could go to, and what that would change."""
    facts = queries.one(g.session, territory_id)
    form = MoveForm(formdata=None, seen=facts.territory.changed_at.isoformat())
    return _move_page(form, territory_id, None)


@bp.post("/<uuid:territory_id>/move")
@requires(Permission.STORES_WRITE)
def move(territory_id: UUID) -> ResponseReturnValue:
    """Tell what moving a territory would change; the press after that moves it."""
    form = MoveForm()
    facts = queries.one(g.session, territory_id)
    if not form.validate():
        return _move_page(form, territory_id, None), 422
    territory = facts.territory
    try:
        to = holders.find(g.session, form.whom.data)
        wanted = Wanted(
            name=territory.name,
            holder=to,
            mode=territory.mode,
            divisions=territory.divisions,
            radius_km=territory.radius_km,
        )
        if form.sure.data != to.code:
            leads = queries.leads_by_county(g.session, now=g.now)
            told = foretelling.foretell(g.session, wanted, leads, territory_id=territory_id)
            form.sure.data = to.code
            return _move_page(form, territory_id, told, to.name)
        service.move(g.session, territory_id=territory_id, seen=form.seen.data or "", to=to, actor=g.actor, now=g.now)
    except DomainError as refusal:
        form.refuse(refusal)
        form.sure.data = ""
        form.seen.data = queries.one(g.session, territory_id).territory.changed_at.isoformat()
        return _move_page(form, territory_id, None), refusal.status
    g.session.flush()
    back = {"whom": facts.code, "sure": facts.code, "seen": g.now.isoformat()}
    done(
        _("%(name)s belongs to %(whom)s now.", name=territory.name, whom=to.name),
        undo=Undo(url_for(".move", territory_id=territory_id), back),
    )
    return redirect(url_for(".show", territory_id=territory_id), 303)


@bp.post("/<uuid:territory_id>/remove")
@requires(Permission.STORES_WRITE)
def remove(territory_id: UUID) -> ResponseReturnValue:
    """Take a territory away."""
    service.remove(g.session, territory_id=territory_id, actor=g.actor, now=g.now)
    done(_("The territory is removed."), undo=Undo(url_for(".restore", territory_id=territory_id)))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:territory_id>/restore")
@requires(Permission.STORES_WRITE)
def restore(territory_id: UUID) -> ResponseReturnValue:
    """Bring a removed territory back."""
    service.restore(g.session, territory_id=territory_id, actor=g.actor, now=g.now)
    done(_("The territory is back."))
    return redirect(url_for(".show", territory_id=territory_id), 303)


def _wanted(form: TerritoryForm, territory_id: UUID | None) -> Wanted | ResponseReturnValue:
    """What the form asks for, or the page that says why not (yet)."""
    if not form.validate():
        return _form_page(form, territory_id), 422
    try:
        wanted = Wanted(
            name=form.name.data,
            holder=holders.find(g.session, form.whom.data),
            mode=form.mode.data,
            divisions=form.codes,
            radius_km=form.km or None,
        )
        leads = queries.leads_by_county(g.session, now=g.now)
        told = foretelling.foretell(g.session, wanted, leads, territory_id=territory_id)
    except DomainError as refusal:
        form.refuse(refusal)
        return _form_page(form, territory_id), refusal.status
    codes = {doubt.code for doubt in told.doubts}
    if codes - set((form.sure.data or "").split()):
        form.sure.data = " ".join(sorted(codes))
        return _form_page(form, territory_id, told), 422
    return wanted


def _form_page(form: TerritoryForm, territory_id: UUID | None, told: Foretold | None = None) -> str:
    facts = queries.one(g.session, territory_id) if territory_id is not None else None
    return render_template("territories/form.html", form=form, facts=facts, told=told)


def _move_page(form: MoveForm, territory_id: UUID, told: Foretold | None, whom: str = "") -> str:
    facts = queries.one(g.session, territory_id)
    kept = queries.COVERAGE.coverage(g.session).by_territory.get(territory_id, ())
    return render_template("territories/move.html", form=form, facts=facts, told=told, whom=whom, counties=len(kept))


def _weight(code: str, people: Mapping[str, int], leads: Mapping[str, int]) -> tuple[int, int, str]:
    return -people.get(code, 0), -leads.get(code, 0), code


def _find(words: str) -> list[tuple[str, str]]:
    """Names from the province down, with what stands in the list, for divisions whose name holds the words."""
    exact = resolve(*words.split()[:3])
    everything = divisions.tables().by_code.values()
    holding = [each for each in everything if words in each.name]
    holding.sort(key=lambda each: (each.level != "province", each.level != "city", each.code))
    codes = dict.fromkeys([*([exact.code] if exact else []), *(each.code for each in holding)])
    return [(code, name) for code in [*codes][:_FOUND] for name in queries.division_names([code])]


tell("territory_mode.exclusive", _l("Exclusive"))
tell("territory_mode.shared", _l("Shared"))
tell("territory_removed", _l("This territory was removed"), _l("Bring it back first. Nothing was changed."))
tell("territory_holder.unknown", _l("No dealer or store has this code or name"))
tell("territory_holder.several", _l("Several are called so; write the code of one: %(found)s"))
tell("territory_holder", _l("Write the code or the name of a dealer or store"))
tell("territory_state.gap", _l("Nobody's"))
tell("territory_state.shared", _l("Shared"))
tell("territory_state.exclusive", _l("Exclusive"))
tell("territory_state.overlap", _l("Overlap"))
tell(
    "territory_doubt.no_stores",
    _l("No store would serve it"),
    _l("All stores of %(whom)s are closed, so the territory would have no effect."),
)
tell(
    "territory_doubt.all_paused",
    _l("No store would take leads now"),
    _l("%(whom)s is paused. An exclusive territory lets leads wait until it opens; a shared one has no effect."),
)
tell(
    "territory_doubt.no_consent",
    _l("People do not agree to share their data with this dealer"),
    _l("No consent text in force names the dealer of %(whom)s, so its stores get no leads from here."),
)
tell(
    "territory_doubt.no_position",
    _l("Nobody knows where the stores are"),
    _l("A radius needs a position; give the stores their coordinates, or name divisions."),
)
tell(
    "territory_doubt.no_county",
    _l("No district's seat lies within the radius"),
    _l("It covers only what is nearer than that, and counts no district as covered."),
)
tell(
    "territory_doubt.rivals",
    _l("Districts that have another exclusive territory: %(counties)s"),
    _l("Leads from there may go to either: %(others)s."),
)
tell(
    "territory_doubt.without_effect",
    _l("Districts where it would have no effect: %(counties)s"),
    _l("They are exclusive to others: %(others)s."),
)
tell(
    "territory_doubt.takes_effect",
    _l("Districts where shared territories would lose their effect: %(counties)s"),
    _l("Leads from there would go to this one only, and no longer to: %(others)s."),
)
