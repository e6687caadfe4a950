"""Long lists at headquarters: declared once, paged by key, with filters, sort, columns, saved views, acts and export.

A feature says what its list is; everything else is the same for all lists:

- **Paging by key, forward and back**, for any sort: page 1,000 costs what page 1 costs. Rows without a value come last.
- **Everything lives in the address**: `?grade=A&grade=B&opened=7d&sort=-opened`. Filters show as words that can be
  taken away. Phone numbers never stand in an address: the search field is posted, and answers with a signed token.
- **Views**: some come with the list, people keep their own, and share them if they may. Columns and row height are
  remembered for each person.
- **Acts on many rows**: ticked ones (also over several pages), or all that match.
- **Export** of what is seen: same filters, sort and columns, as CSV or xlsx.
- Works without scripts; with them j, k, Enter, x, / and ? work too.

A complete list (`hq/network/store_list.py`, its cells, its view, its page)::

    def _late() -> ColumnElement[bool]: ...

    STORES = Table(
        name="stores",                                  # in saved views, files and the audit log: never change it
        title=_l("Stores"),
        permission=Permission.STORES_READ,              # guards the list's own endpoints
        # Whatever columns the lines need. Join what is only *shown* with outerjoin on a unique key:
        # PostgreSQL then leaves it out when it counts. No EXISTS among the columns: it would be answered for all rows
        # at once; a `select(…).limit(1).scalar_subquery()` is asked for the rows of the page only.
        query=lambda: select(Store, Dealer.name.label("dealer")).outerjoin(
            Dealer, Dealer.dealer_id == Store.dealer_id
        ),
        key=Store.store_id,                             # unique and never NULL; breaks ties, and is the id of a row
        sort="code",                                    # "-opened": descending
        cells="network/cells.html",                     # a macro per column: {% macro status(line) %}…{% endmacro %}
        address=lambda line: url_for("network.show", store_id=line.store_id),
        columns=(
            Column("name", _l("Store"), sort=Store.name, head=True, text=lambda line: line.Store.name),
            Column("code", _l("Code"), sort=Store.code, text=lambda line: line.Store.code),
            Column("taken", _l("Taken today"), number=True, text=lambda line: line.taken),
            Column("status", _l("State"), cell="status", text=lambda line: say(f"store.{line.Store.status}")),
            Column("paused", _l("Paused since"), sort=Store.paused_at, nullable=True, shown=False, when=True,
                   text=lambda line: line.Store.paused_at),
        ),
        filters=(
            Choice("status", _l("State"), [("active", _l("Open")), ("paused", _l("Paused"))],
                   where=Store.status.in_, many=True),
            Flag("late", _l("Late today"), where=_late),
            Dates("opened", _l("Added"), Store.created_at),
        ),
        search=Search(_l("Store, code or dealer"),
                      words=lambda words: Store.name.contains(words, autoescape=True) | (Store.code == words)),
        views=(View("all", _l("All")), View("paused", _l("Paused"), "status=paused")),
        acts=(Act("pause", _l("Pause…"), endpoint="network.pause_many", permission=Permission.STORES_WRITE,
                  confirm=_l("Pause %(count)s stores? They keep what they hold.")),),
        lines=with_taken,                               # (session, rows) -> lines, set-based; leave out: the rows
        counted=lambda: select(Store.store_id),         # for counting; leave out where `query` joins next to nothing
        empty=(_l("No stores yet"), _l("Import the dealers' list.")),
    )

    bp = Blueprint("network", __name__, url_prefix="/stores", template_folder="templates")
    tables.serve(bp, STORES)                            # search, columns, views and export, under /stores/list/…

    @bp.get("")
    @requires(Permission.STORES_READ)
    def index() -> ResponseReturnValue:
        return render_template("network/index.html", table=tables.read(STORES))

    @bp.post("/pause")                                  # what an act posts to
    @requires(Permission.STORES_WRITE)
    def pause_many() -> ResponseReturnValue:
        picked = tables.picked(STORES)                  # .ids, at most 500; more raises TooMany, which says so
        service.pause(g.session, picked.ids, actor=g.actor, now=g.now)
        flash(_("Paused %(count)s stores.", count=len(picked.ids)), "ok")
        return redirect(picked.back, 303)

and `network/index.html`, whole::

    {% extends "layouts/hq.html" %}
    {% import "web/table.html" as t with context %}
    {% block title %}{{ table.title }}{% endblock %}
    {% block content %}
    {% call t.page(table) %}<a class="btn btn-sm btn-koi" href="…">{{ _('New store') }}</a>{% endcall %}
    {% endblock %}

`t.page` is head, views, filters and table; the caller's content stands beside Export. `t.table` is the table alone,
for a list inside another page: `tables.read(LEADS, fixed={"store": str(store_id)})` narrows it for good.

What an act asks beside the rows is a `Pick`; it arrives as `pause_reason` for the act `pause`. A list with customers
says what an export with plain numbers may write: `Column(plain=…)` for the name, `Column(phone=True)` and
`Table.phones` for the number.

A cell without macro shows `text(line)` (escaped); `when=True` shows a moment as `<time>`. The one `head` column is
the row's header and its link. A sort over a column that may be NULL needs `nullable=True`; give each sort an index
`(column, key)`.
"""

from shared.web.tables.declare import Act, Column, Pick, Table, View
from shared.web.tables.filters import Choice, Dates, Flag, InCampaign, OfStore
from shared.web.tables.reading import Picked, Seen, TooMany, beside, picked, read
from shared.web.tables.routes import serve
from shared.web.tables.search import Search, Sought

__all__ = [
    "Act",
    "Choice",
    "Column",
    "Dates",
    "Flag",
    "InCampaign",
    "OfStore",
    "Pick",
    "Picked",
    "Search",
    "Seen",
    "Sought",
    "Table",
    "TooMany",
    "View",
    "beside",
    "picked",
    "read",
    "serve",
]
