"""The list of imports, and the filter by which other lists show what one of them brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, case, select

from hq.intake.imports.models import IMPORT_KINDS, IMPORT_STATES, Import
from shared.campaigns.models import Campaign
from shared.identity.models import HqUser
from shared.identity.permissions import Permission
from shared.web.tables import Choice, Column, Dates, InCampaign, Search, Table, View
from shared.web.tables.filters import Args, Asked, Values
from shared.web.words import later, say, tell

for _kind, _words in {"signups": _l("Sign-up list"), "stores": _l("Dealers and stores")}.items():
    tell(f"import_kind.{_kind}", _words)
for _state, _words in {
    "looking": _l("Being looked at"),
    "mapping": _l("Not imported yet"),
    "waiting": _l("Waiting"),
    "running": _l("Being imported"),
    "done": _l("Done"),
    "cancelled": _l("Stopped half way"),
    "refused": _l("Refused"),
    "dropped": _l("Thrown away"),
    "undoing": _l("Being undone"),
    "undone": _l("Undone"),
    "aside": _l("Stopped"),
}.items():
    tell(f"import_state.{_state}", _words)

_STATE = case((Import.aside_at.is_not(None), "aside"), else_=Import.state)


class OfImport:
    """What one import brought, by its id; links only."""

    key = "import"
    kind = "hidden"

    def __init__(self, where: Callable[[UUID], ColumnElement[bool]]) -> None:
        """Declare it; `where` makes the condition of the import's id."""
        self.label = _l("Import")
        self._where = where

    def read(self, args: Args) -> Values:
        """The id asked for."""
        try:
            return (str(UUID(args.get(self.key, ""))),)
        except ValueError:
            return ()

    def where(self, values: Values, asked: Asked) -> ColumnElement[bool]:
        """The condition."""
        return self._where(UUID(values[0]))

    def words(self, values: Values, asked: Asked) -> str:
        """The file's name."""
        name: str | None = asked.session.scalar(select(Import.file_name).where(Import.import_id == UUID(values[0])))
        return name or "?"


def _query() -> Select[Any]:
    return (
        select(Import, Campaign.name.label("campaign"), HqUser.name.label("by"), _STATE.label("state"))
        .outerjoin(Campaign, Campaign.campaign_id == Import.campaign_id)
        .outerjoin(HqUser, HqUser.user_id == Import.uploaded_by)
    )


IMPORTS = Table(
    name="imports",
    title=_l("Imports"),
    unit=lambda number, shown: ngettext("%(count)s file", "%(count)s files", number, count=shown),
    permission=Permission.IMPORTS_READ,
    query=_query,
    key=Import.import_id,
    sort="-uploaded",
    cells="imports/cells.html",
    address=lambda line: url_for("imports.show", import_id=line.Import.import_id),
    columns=(
        Column(
            "uploaded",
            _l("When"),
            when=True,
            sort=Import.uploaded_at,
            descending=True,
            text=lambda line: line.Import.uploaded_at,
        ),
        Column("file", _l("File"), head=True, text=lambda line: line.Import.file_name),
        Column("kind", _l("What it is"), text=lambda line: say(f"import_kind.{line.Import.kind}")),
        Column("campaign", _l("Campaign"), text=lambda line: line.campaign),
        Column("by", _l("Uploaded by"), text=lambda line: line.by),
        Column("state", _l("State"), cell="state", text=lambda line: say(f"import_state.{line.state}")),
        Column("rows", _l("Rows"), number=True, text=lambda line: line.Import.rows),
        Column("accepted", _l("Imported"), number=True, text=lambda line: line.Import.accepted),
        Column("repaired", _l("Put right"), number=True, shown=False, text=lambda line: line.Import.repaired),
        Column("rejected", _l("Not imported"), number=True, text=lambda line: line.Import.rejected),
        Column("skipped", _l("Imported before"), number=True, shown=False, text=lambda line: line.Import.skipped),
    ),
    filters=(
        Choice(
            "kind", _l("What it is"), [(kind, later(f"import_kind.{kind}")) for kind in IMPORT_KINDS],
            lambda kind: Import.kind == kind,
        ),
        Choice(
            "state", _l("State"), [(state, later(f"import_state.{state}")) for state in (*IMPORT_STATES, "aside")],
            _STATE.in_, many=True,
        ),
        InCampaign(Import.campaign_id),
        Dates("uploaded", _l("When"), Import.uploaded_at),
    ),
    search=Search(_l("File name"), words=lambda words: Import.file_name.contains(words, autoescape=True)),
    views=(
        View("all", _l("All")),
        View("open", _l("Not imported yet"), "state=mapping"),
        View("signups", _l("Sign-up lists"), "kind=signups"),
        View("stores", _l("Dealers and stores"), "kind=stores"),
    ),
    empty=(
        _l("Nothing was imported yet"),
        _l("Upload the sign-ups of a campaign, or the list of dealers and stores."),
    ),
)  # fmt: skip
