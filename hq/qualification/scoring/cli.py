"""`./koi scorecard`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click

from shared.platform.clock import BEIJING
from shared.platform.console import pass_settings
from shared.platform.errors import DomainError

if TYPE_CHECKING:
    from hq.qualification.scoring.fitting.past import Asked
    from hq.qualification.scoring.report import Report
    from hq.qualification.scoring.scorecard import Scorecard
    from shared.platform.settings import Settings

P = ParamSpec("P")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def scorecard() -> None:
    """Scorecards from past leads."""


def _asking(command: Callable[P, None]) -> Callable[P, None]:
    """The options of every way to learn."""
    options = (
        click.option("--exclude", default="", metavar="a,b", help="What was not known at sign-up."),
        click.option("--split", type=click.Choice(["time", "folds"]), default="folds", show_default=True),
        click.option("--seed", type=click.IntRange(0, 2**31), default=42, show_default=True, help="Of the folds."),
        click.option("--monotone", default="", metavar="+a,-b", help="Numbers whose points only rise (+) or fall (-)."),
        click.option("--pairs/--no-pairs", default=True, help="Two facts as one attribute, where it pays."),
        click.option("--rivals/--no-rivals", default=True, help="Naive Bayes and boosting beside it."),
        click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the card to this file."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@scorecard.command()
@click.argument("file", type=_FILE)
@click.option("--outcome", required=True, metavar="COL", help="The column that says what became of the lead.")
@click.option("--when", metavar="COL", help="The column with the time; else the first of days, or the file's order.")
@click.option("--won", default="", metavar="A,B", help="Words of the outcome that mean a sale, if Koi asks.")
@click.option("--unworked", default="", metavar="A,B", help="Words for leads that nobody worked on.")
@click.option("--facts", is_flag=True, help="Look only at columns that are facts of Koi, by their names or answers.")
@_asking
def fit(file: Path, outcome: str, when: str | None, won: str, unworked: str, facts: bool, **wished: Any) -> None:
    """Learn a card from a file of past leads (csv, also .gz, or xlsx)."""
    from hq.qualification.scoring.default import DEFAULT_CARD
    from hq.qualification.scoring.fitting.account import fit_file
    from hq.qualification.scoring.scorecard import Scorecard

    typed = Scorecard.parse(DEFAULT_CARD)
    asked = replace(_asked(wished, typed), outcome=outcome, won=_listed(won), unworked=_listed(unworked), when=when)
    _answer(lambda: fit_file(file, _of_facts(file, asked) if facts else asked), file.name, wished)


def _of_facts(file: Path, asked: Asked) -> Asked:
    """The same, looking only at columns that are facts of Koi, each fact once."""
    from hq.qualification.scoring.fitting.looking import look_at
    from hq.qualification.scoring.foreign import Meaning, fact_of

    known: dict[str, str] = {}
    for column in look_at(file):
        fact = fact_of(column.name, column.sort, column.words)
        if fact and fact not in known.values() and column.name not in (asked.outcome, *asked.exclude):
            known[column.name] = fact
    return replace(asked, facts={name: Meaning(fact) for name, fact in known.items()}, only_facts=True)


@scorecard.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Leads opened from this day (Beijing).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="… to before this day.")
@_asking
@pass_settings
def learn(settings: Settings, /, since: datetime | None, until: datetime | None, **wished: Any) -> None:
    """Learn a card from what became of Koi's own leads."""
    from hq.qualification.jobs import rulebook
    from hq.qualification.past_leads import ended
    from hq.qualification.scoring.fitting.account import report_of
    from hq.qualification.scoring.fitting.own import past_of_own
    from hq.routing.network import ATLAS
    from shared.db.session import make_engine, now_of, unit_of_work

    engine = make_engine(settings.role_urls["hq"], pool_size=1)
    try:
        with unit_of_work(engine) as session:
            first = since.replace(tzinfo=BEIJING) if since else datetime(2000, 1, 1, tzinfo=BEIJING)
            last = until.replace(tzinfo=BEIJING) if until else now_of(session)
            told = ended(session, ATLAS.network(session), since=first, until=last)
            asked = _asked(wished, rulebook(session).card)
    finally:
        engine.dispose()
    _answer(lambda: report_of(past_of_own(told, asked), asked), "leads", wished)


def _asked(wished: Mapping[str, Any], typed: Scorecard) -> Asked:
    from hq.qualification.scoring.fitting.learning import Wishes
    from hq.qualification.scoring.fitting.past import Asked
    from hq.qualification.scoring.fitting.validation import Split

    wishes = Wishes(_directions(wished["monotone"]), wished["pairs"], typed, wished["seed"])
    return Asked(
        "", exclude=_listed(wished["exclude"]), split=Split(wished["split"]), wishes=wishes, rivals=wished["rivals"]
    )


def _answer(learnt: Callable[[], Report], name: str, wished: Mapping[str, Any]) -> None:
    """Tell what was learnt, or why nothing was (status 1)."""
    from hq.qualification.scoring import fit_words

    as_json, save = wished["as_json"], wished["save"]
    try:
        report = learnt()
    except DomainError as refusal:
        text = ". ".join(part.rstrip(".") for part in fit_words.refusal_sentences(refusal) if part) + "."
        told = {"code": refusal.code, "params": refusal.params, "text": text}
        object_ = json.dumps({"file": name, "refused": told}, ensure_ascii=False)
        click.echo(object_ if as_json else text, err=not as_json)
        sys.exit(1)
    if save is not None:
        save.write_text(json.dumps(dict(report.scorecard), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    lines = (
        [json.dumps(report.as_json(), ensure_ascii=False, allow_nan=False)] if as_json else fit_words.in_lines(report)
    )
    for line in lines:
        click.echo(line)


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _directions(names: str) -> dict[str, int]:
    """`+a,-b,c` as facts with +1, -1, and 0 for whichever way the outcomes say."""
    signs = {"+": 1, "-": -1}
    return {name.lstrip("+-"): signs.get(name[0], 0) for name in _listed(names)}


commands: list[click.Command] = [scorecard]
