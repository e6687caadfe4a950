"""Words for the audit log: what was done, to what, and by whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from shared.web import words
from shared.web.words import tell

_ACTOR = re.compile(r"(?P<name>.*) \((?P<role>[a-z_]+)\)", re.DOTALL)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: In the order in which the page lets one choose.
ACTIONS: Mapping[str, Any] = {
    "phone:reveal": _l("Looked at a number"),
    "assignment:claim": _l("Claimed a lead"),
    "assignment:decline": _l("Sent an offer back"),
    "assignment:give_back": _l("Gave a lead back"),
    "assignment:give": _l("Handed a lead to a colleague"),
    "assignment:won": _l("Reported a sale"),
    "assignment:lost": _l("Reported a loss"),
    "lead:offer": _l("Offered a lead by hand"),
    "lead:recall": _l("Recalled or closed a lead"),
    "lead:pool": _l("Put a lead into the open pool"),
    "pool:look": _l("Opened a lead of the open pool"),
    "lead:return": _l("Let the rules choose again"),
    "lead:keep": _l("Left a lead with its store"),
    "lead:reopen": _l("Opened a lead again"),
    "lead:note": _l("Wrote a note on a lead"),
    "lead:undo": _l("Undid an act on a lead"),
    "verdict:genuine": _l("Judged people to be genuine"),
    "verdict:fraud": _l("Judged people to be prize hunters"),
    "verdict:undo": _l("Took a verdict back"),
    "contact:join": _l("Joined two customers"),
    "contact:part": _l("Took two customers apart"),
    "listed:add": _l("Put values on a list of screening"),
    "listed:take_off": _l("Took values off a list of screening"),
    "listed:put_back": _l("Put values back on a list of screening"),
    "consent:withdraw": _l("Withdrew a consent"),
    "import:upload": _l("Uploaded a spreadsheet"),
    "import:map": _l("Changed how a spreadsheet is read"),
    "import:start": _l("Started an import"),
    "import:stop": _l("Stopped an import"),
    "import:go_on": _l("Went on with an import"),
    "import:drop": _l("Threw an upload away"),
    "import:take_rejected": _l("Downloaded rejected rows"),
    "import:undo": _l("Undid an import"),
    "import:recall": _l("Recalled an import"),
    "asset:create": _l("Made content"),
    "asset:edit": _l("Changed content"),
    "asset:approve": _l("Approved content"),
    "asset:publish": _l("Published content"),
    "asset:retire": _l("Retired content"),
    "asset:change_publication": _l("Changed who has content, and until when"),
    "asset:end_publication": _l("Ended a publication"),
    "asset:archive": _l("Archived content"),
    "rules:draft": _l("Began a draft of rules"),
    "rules:edit": _l("Changed a draft of rules"),
    "rules:discard": _l("Discarded a draft of rules"),
    "rules:activate": _l("Put rules in force"),
    "fit:upload": _l("Uploaded past leads to learn from"),
    "fit:learn": _l("Had a scorecard learnt"),
    "fit:stop": _l("Stopped the learning of a scorecard"),
    "rules:replay": _l("Tried rules on a past period"),
    "rules:replay_stop": _l("Stopped a trial of rules"),
    "rescore:start": _l("Began to score everybody anew"),
    "rescore:stop": _l("Stopped scoring everybody anew"),
    "rescore:resume": _l("Went on scoring everybody anew"),
    "asset:undo": _l("Undid an act on content"),
    "content:pull_copy": _l("Copied content"),
    "content:pull_poster": _l("Took a poster"),
    "store:status": _l("Paused or opened a store"),
    "store:pause": _l("Paused a store"),
    "store:resume": _l("Opened a paused store"),
    "store:undo": _l("Took a change of many stores back"),
    "store:raise_today": _l("Raised a store's limit for one day"),
    "store:lower_today": _l("Took a raised limit of one day back"),
    "store:edit": _l("Changed a store"),
    "store:add": _l("Added a store"),
    "store:close": _l("Closed a store"),
    "store:reopen": _l("Opened a closed store"),
    "series:add": _l("Added a series"),
    "series:edit": _l("Changed a series"),
    "series:remove": _l("Took a series out of the catalogue"),
    "territory:add": _l("Added a territory"),
    "territory:edit": _l("Changed a territory"),
    "territory:move": _l("Moved a territory"),
    "territory:remove": _l("Removed a territory"),
    "territory:restore": _l("Brought a territory back"),
    "population:upload": _l("Uploaded a population table"),
    "population:drop": _l("Threw a population table away"),
    "population:take_over": _l("Took a population table over"),
    "population:remove": _l("Took the population table away"),
    "dealer:add": _l("Added a dealer"),
    "dealer:edit": _l("Changed a dealer"),
    "dealer:close": _l("Closed a dealer"),
    "dealer:reopen": _l("Opened a closed dealer"),
    "walk_in:enter": _l("Entered a customer at a store"),
    "signup:enter": _l("Entered a customer at headquarters"),
    "store:own_pause": _l("Paused their own store"),
    "store:own_resume": _l("Opened their own store again"),
    "store:giving": _l("Changed who of their store gets new leads"),
    "store:share": _l("Shared leads out among those on duty"),
    "store:unshare": _l("Took a sharing out back"),
    "staff:duty": _l("Said whether somebody is on duty"),
    "store:hours": _l("Changed their store's opening hours"),
    "campaign:add": _l("Made a campaign"),
    "campaign:open": _l("Opened a campaign"),
    "campaign:show": _l("Changed what a campaign shows"),
    "campaign:close": _l("Closed a campaign"),
    "consent_text:add": _l("Put a consent text in force"),
    "token:add": _l("Made a token"),
    "token:revoke": _l("Revoked a token"),
    "session:begin": _l("Began a session"),
    "session:end": _l("Ended a session"),
    "user:add": _l("Added a person"),
    "user:invite": _l("Made an invite link"),
    "user:revoke": _l("Revoked an invite link"),
    "user:login": _l("Changed an account"),
    "user:rename": _l("Changed a name"),
    "user:move": _l("Changed somebody's stores"),
    "user:sign_out": _l("Signed somebody out everywhere"),
    "user:accept": _l("Accepted an invite"),
    "user:role": _l("Changed a role"),
    "user:password": _l("Changed a password"),
    "user:disable": _l("Disabled a person"),
    "user:enable": _l("Enabled a person"),
    "notices:choose": _l("Chose how to be told"),
    "notices:address": _l("Named where to be told"),
    "notices:forget": _l("Took back where to be told"),
    "notices:settings": _l("Changed which messages go out"),
    "message:again": _l("Sent failed messages again"),
    "work:retry": _l("Tried work again"),
    "view:save": _l("Kept a view of a list"),
    "view:change": _l("Changed a view of a list"),
    "view:delete": _l("Deleted a view of a list"),
    "view:restore": _l("Brought a view of a list back"),
    "export:take": _l("Exported a list"),
    "export:phones": _l("Exported a list with numbers"),
}
#: Kinds of things that acts are done to.
SUBJECTS: Mapping[str, Any] = {
    "assignment": _l("assignment"),
    "lead": _l("lead"),
    "contact": _l("customer"),
    "rules": _l("rules"),
    "fit": _l("learnt scorecard"),
    "import": _l("import"),
    "asset": _l("content"),
    "publication": _l("publication"),
    "store": _l("store"),
    "dealer": _l("dealer"),
    "series": _l("series"),
    "territory": _l("territory"),
    "population": _l("population table"),
    "walk_in": _l("entered customer"),
    "signup": _l("sign-up"),
    "verdict": _l("verdict"),
    "campaign": _l("campaign"),
    "consent_text": _l("consent text"),
    "token": _l("token"),
    "session": _l("session"),
    "user": _l("person"),
    "work": _l("work"),
    "view": _l("view"),
    "export": _l("export"),
}

_NUMBERS: Mapping[str, Any] = {
    "size": _l("bytes"),
    "stores": _l("stores"),
    "version": _l("version"),
    "revision": _l("revision"),
    "based_on": _l("copied from version"),
    "instead_of": _l("instead of version"),
    "rows": _l("rows"),
    "people": _l("people"),
    "districts": _l("districts"),
    "left_out": _l("rows left out"),
    "signups": _l("sign-ups"),
}

#: Actors that are programs.
_PROGRAMS: Mapping[str, Any] = {"cli": _l("command line"), "setup": _l("first set-up"), "demo": _l("demo")}

for _code, _text in ACTIONS.items():
    tell(f"act.{_code}", _text)
for _code, _text in SUBJECTS.items():
    tell(f"subject.{_code}", _text)
for _code, _text in _NUMBERS.items():
    tell(f"counted.{_code}", _text)


def act_words(action: str) -> str:
    """What was done, in words; the code itself where there are none."""
    return words.say(f"act.{action}") if words.knows(f"act.{action}") else action


def subject_words(subject: str) -> str:
    """To what: its kind in words and the end of its id, enough to tell two apart."""
    kind, _colon, name = subject.partition(":")
    kind = words.say(f"subject.{kind}") if words.knows(f"subject.{kind}") else kind
    return f"{kind} …{name[-6:]}" if len(name) > 12 else f"{kind} {name}"


def actor_words(actor: str) -> tuple[str, str]:
    """A name, and the role in words where one was written down."""
    found = _ACTOR.fullmatch(actor)
    return (found["name"], words.say(f"role.{found['role']}")) if found else (str(_PROGRAMS.get(actor, actor)), "")


def _short(value: object) -> str:
    """A value that a change came from or went to; weeks and lists are told on the store's page."""
    return "…" if isinstance(value, list | dict) else str(value)


def detail_words(detail: tuple[str, object]) -> str:
    """A detail as the log shows it: codes that have words in words, ids by their end, numbers with their name."""
    name, value = detail
    if isinstance(value, list):
        changed = len(value) == 2  # from and to
        told = ["–" if part in (None, "", [], {}) else _short(part) for part in value]
        return " → ".join(told) if changed else words.listing(told)
    if isinstance(value, int | float):
        return f"{words.say(f'counted.{name}') if words.knows(f'counted.{name}') else name} {value:,}"
    text = str(value)
    if _ID.fullmatch(text):
        return f"…{text[-6:]}"
    families = ("role", "stage", "store", "decline", "lost", "why", "import_kind", "rules")
    return next((words.say(f"{family}.{text}") for family in families if words.knows(f"{family}.{text}")), text)


def register(bp: Blueprint) -> None:
    """Give the portal's templates these filters."""
    for view in (act_words, subject_words, actor_words, detail_words):
        bp.add_app_template_filter(view, view.__name__)
