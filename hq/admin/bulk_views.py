"""Inviting many people at once: a list, what it would do, and the letters."""

from __future__ import annotations

from itertools import chain

from flask import Blueprint, current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from hq.admin import bulk, bulk_text
from hq.admin.forms import BulkForm
from hq.admin.letters import as_file, letters
from hq.intake.imports.cells import as_text
from hq.intake.imports.grid import Refused
from hq.intake.imports.sheet import open_sheet
from shared.identity import web
from shared.identity.permissions import Permission
from shared.platform.errors import Invalid
from shared.web.access import requires
from shared.web.words import sentence, tell

bp = Blueprint("bulk", __name__, url_prefix="/staff/bulk", template_folder="templates")
_HEADINGS = frozenset(("姓名", "手机", "手机号", "电话", "门店编号", "门店", "角色", "name", "phone", "store", "role"))


@bp.get("")
@requires(Permission.STAFF_WRITE)
def page() -> ResponseReturnValue:
    """The empty list; `store` is the code that the example shows."""
    return _page(BulkForm(formdata=None), None)


@bp.post("")
@requires(Permission.STAFF_WRITE)
def look() -> ResponseReturnValue:
    """What each line would do; with `confirm` it is done for the good ones."""
    form = BulkForm()
    if not form.validate() or not _read_file(form):
        return _page(form, None), 422
    lines = bulk_text.read_lines(form.lines.data or "")
    if not lines or len(lines) > bulk_text.MOST:
        form.lines.errors = [
            _("Write somebody, or choose a file")
            if not lines
            else _("At most 500 people at a time; this list has more")
        ]
        return _page(form, None), 422
    checked = bulk.check(g.session, lines, blind_key=web.blind_key())
    good = [each for each in checked if each.good]
    if "confirm" not in request.form or not good:
        return _page(form, checked)
    made = bulk.invite(g.session, good, blind_key=web.blind_key(), actor=g.actor, now=g.now)
    left = len(checked) - len(good)
    if left:
        flash(
            ngettext(
                "%(count)s line was left out; it stands below the letters.",
                "%(count)s lines were left out; they stand below the letters.",
                left,
                count=left,
            ),
            "warn",
        )
    shown = letters(made, current_app.config["KOI_BASE_URL"])
    return render_template(
        "admin/letters.html",
        letters=shown,
        file=as_file(shown),
        back=url_for("staff.index"),
        left=[each for each in checked if not each.good],
    )


def _read_file(form: BulkForm) -> bool:
    """A file takes the place of the lines, as lines: what is wrong in it can be put right on the page."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return True
    try:
        sheet = open_sheet(upload.read(), upload.filename, known=lambda text: text.strip().lower() in _HEADINGS)
        rows = [[as_text(cell) for cell in row.cells] for row in sheet.rows()]
    except Refused as refusal:
        form.file.errors = [sentence(f"import_refused.{refusal.reason}", refusal.params)]
        return False
    except Invalid as refusal:
        form.refuse(refusal)
        return False
    form.lines.data = bulk_text.as_text(chain([sheet.headings], rows))
    return True


def _page(form: BulkForm, checked: list[bulk.Checked] | None) -> str:
    return render_template(
        "admin/bulk.html",
        form=form,
        checked=checked,
        good=sum(each.good for each in checked or ()),
        example=request.args.get("store") or "S0001",
    )


tell("line.name_missing", _l("The name is missing or too long"))
tell("line.phone_missing", _l("The phone number is missing"))
tell("line.phone_length", _l("A mobile number has 11 digits"))
tell("line.phone_prefix", _l("No mobile number begins like this"))
tell("line.phone_landline", _l("This is a landline number"))
tell("line.phone_rounded", _l("The spreadsheet has lost the last digits"))
tell("line.phone_twice", _l("This number stands further up already"))
tell("line.role_unknown", _l("The role is not known: owner, manager or salesperson"))
tell("line.store_missing", _l("The code of the store is missing"))
tell("line.store_unknown", _l("There is no store %(detail)s"))
tell("line.store_closed", _l("The store %(detail)s is closed"))
tell("line.two_dealers", _l("The stores are of two dealers"))
tell("line.login_there", _l("Has an account already: %(there)s"))
