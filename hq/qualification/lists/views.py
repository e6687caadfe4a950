"""The lists that screening asks: what stands there, putting on and taking off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Refused
from hq.intake.imports.sheet import open_sheet
from hq.qualification.lists import reading, service
from hq.qualification.lists.entries import LISTED
from hq.qualification.lists.forms import FOREVER, AddForm
from shared.identity import web
from shared.identity.permissions import Permission
from shared.platform.clock import next_day_start
from shared.platform.errors import Invalid
from shared.web import tables
from shared.web.access import requires
from shared.web.locale import language
from shared.web.notes import Undo, done
from shared.web.transaction import again_after_deadlock
from shared.web.words import sentence, tell

bp = Blueprint("lists", __name__, url_prefix="/lists", template_folder="templates")
tables.serve(bp, LISTED)
_HEADINGS = frozenset(
    ("手机号", "手机", "电话", "openid", "设备号", "设备", "ip", "地址", "phone", "device", "address", "value")
)


@bp.get("")
@requires(Permission.SCREENING_DECIDE)
def index() -> ResponseReturnValue:
    """The entries, the latest first."""
    return render_template("lists/index.html", table=tables.read(LISTED))


@bp.get("/add")
@requires(Permission.SCREENING_DECIDE)
def page() -> ResponseReturnValue:
    """The empty form."""
    return _page(AddForm(formdata=None), None)


@bp.post("/add")
@requires(Permission.SCREENING_DECIDE)
def add() -> ResponseReturnValue:
    """Put the good lines on a list; where some are bad they are shown first, and only `confirm` leaves them out."""
    form = AddForm()
    file_name = _read_file(form)
    if not form.validate() or form.file.errors:
        return _page(form, None), 422
    lines = (form.lines.data or "").splitlines()
    if len(lines) > reading.MOST:
        form.lines.errors = [_("At most 50,000 lines at a time; this list has more")]
        return _page(form, None), 422
    read = reading.read(enumerate(lines, start=1), form.what.data)
    if not read.entries or (read.problems and "confirm" not in request.form):
        if not lines:
            form.lines.errors = [_("Write something, or choose a file")]
        return _page(form, read), 422
    return _added(form, read, file_name)


@bp.post("/off")
@requires(Permission.SCREENING_DECIDE)
@again_after_deadlock
def take_off() -> ResponseReturnValue:
    """Take the entries that were ticked off their lists."""
    picked = tables.picked(LISTED)
    count = service.take_off(g.session, picked.ids, why=_("Taken off by hand"), actor=g.actor, now=g.now)
    back = Undo(url_for(".put_back"), {"at": g.now.isoformat()}) if count else None
    done(ngettext("Took %(num)s entry off.", "Took %(num)s entries off.", count), undo=back)
    return redirect(picked.back, 303)


@bp.post("/undo")
@requires(Permission.SCREENING_DECIDE)
@again_after_deadlock
def undo() -> ResponseReturnValue:
    """Take back what one addition put on a list."""
    try:
        batch_id = UUID(request.form.get("batch", ""))
    except ValueError:
        raise Invalid(field="batch") from None
    entries = service.batch_of(g.session, batch_id)
    count = service.take_off(g.session, entries, why=_("The addition was undone"), actor=g.actor, now=g.now)
    done(ngettext("Took %(num)s entry off.", "Took %(num)s entries off.", count))
    return redirect(url_for(".index"), 303)


@bp.post("/back")
@requires(Permission.SCREENING_DECIDE)
@again_after_deadlock
def put_back() -> ResponseReturnValue:
    """Put back what one has just taken off."""
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        raise Invalid(field="at") from None
    count = service.put_back(g.session, taken_off_at=at, actor=g.actor, now=g.now)
    done(ngettext("%(num)s entry stands again.", "%(num)s entries stand again.", count))
    return redirect(url_for(".index"), 303)


def _added(form: AddForm, read: reading.Reading, file_name: str) -> ResponseReturnValue:
    days = None if form.days.data == FOREVER else timedelta(days=int(form.days.data))
    try:
        added = service.add(
            g.session,
            read.entries,
            purpose=form.purpose.data,
            why=form.why.data,
            expires_at=None if days is None else next_day_start(g.now + days),
            file_name=file_name,
            blind_key=web.blind_key(),
            actor=g.actor,
            now=g.now,
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return _page(form, read), 422
    told = [ngettext("Added %(num)s entry.", "Added %(num)s entries.", added.added)]
    if added.already:
        told.append(ngettext("%(num)s stood there already.", "%(num)s stood there already.", added.already))
    if added.again:
        told.append(ngettext("%(num)s sign-up is screened again.", "%(num)s sign-ups are screened again.", added.again))
    back = Undo(url_for(".undo"), {"batch": str(added.batch_id)}) if added.added else None
    done(" ".join(told) if language() == "en" else "".join(told), undo=back)
    return redirect(url_for(".index"), 303)


def _read_file(form: AddForm) -> str:
    """The first column of a file takes the place of the lines; gives the file's name."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return request.form.get("file_name", "")
    try:
        sheet = open_sheet(upload.read(), upload.filename, heading_row=0)
        form.lines.data = "\n".join(_first_column([as_text(cell) for cell in row.cells] for row in sheet.rows()))
    except Refused as refusal:
        form.file.errors = [sentence(f"import_refused.{refusal.reason}", refusal.params)]
    except Invalid as refusal:
        form.refuse(refusal)
    return upload.filename


def _first_column(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The values of the first column, without its name if it has one."""
    for number, row in enumerate(rows):
        value = row[0].strip() if row else ""
        if number or value.lower() not in _HEADINGS:
            yield value


def _page(form: AddForm, read: reading.Reading | None) -> str:
    return render_template("lists/add.html", form=form, read=read)


for _code, _text in {
    "blocked": _l("Blocked"),
    "staff": _l("Staff"),
    "owner": _l("Owners"),
    "winner": _l("Winners"),
}.items():
    tell(f"listed.{_code}", _text)
for _code, _text in {
    "phone": _l("Phone number"),
    "openid": _l("WeChat account (openid)"),
    "device": _l("Device"),
    "address": _l("Network address"),
}.items():
    tell(f"listed_what.{_code}", _text)
for _code, _text in {"stands": _l("In force"), "over": _l("Expired"), "off": _l("Taken off")}.items():
    tell(f"listed_state.{_code}", _text)
for _code, _text in {
    "not_a_phone": _l("No mobile number"),
    "neither": _l("Neither a mobile number nor a network address"),
    "not_an_id": _l("An id has 6 to 128 characters, without spaces"),
    "not_an_address": _l("No network address; such as 203.0.113.7 or 203.0.113.0/24"),
    "too_wide": _l("The range is too wide: it would block whole towns. At most /16 (IPv6: /32)"),
}.items():
    tell(f"listed_problem.{_code}", _text)
