"""`./koi scorecard`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.platform.errors import DomainError

if TYPE_CHECKING:
    pass

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def scorecard() -> None:
    """Scorecards from past leads."""


@scorecard.command()
@click.argument("file", type=_FILE)
@click.option("--outcome", required=True, metavar="COL", help="The column that says what became of the lead.")
@click.option("--exclude", default="", metavar="a,b", help="Columns that were not known at sign-up.")
@click.option("--split", type=click.Choice(["time", "folds"]), default="folds", show_default=True, help="How to test.")
@click.option("--when", metavar="COL", help="The column with the time; else the first of days, or the file's order.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=42, show_default=True, help="Of the folds.")
@click.option("--won", default="", metavar="A,B", help="Words of the outcome that mean a sale, if Koi asks.")
@click.option("--unworked", default="", metavar="A,B", help="Words for leads that nobody worked on.")
@click.option("--monotone", default="", metavar="+a,-b", help="Numbers whose points only rise (+) or fall (-).")
@click.option("--pairs/--no-pairs", default=True, help="Two facts as one attribute, where it pays.")
@click.option("--rivals/--no-rivals", default=True, help="Naive Bayes and boosting beside it.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the card itself to this file.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def fit(
    file: Path,
    outcome: str,
    exclude: str,
    split: str,
    when: str | None,
    seed: int,
    won: str,
    unworked: str,
    monotone: str,
    *,
    pairs: bool,
    rivals: bool,
    save: Path | None,
    as_json: bool,
) -> None:
    """Learn a card from a file of past leads (csv, also .gz, or xlsx)."""
    from hq.qualification.scoring import fit_words
    from hq.qualification.scoring.default import DEFAULT_CARD
    from hq.qualification.scoring.fitting.account import fit_file
    from hq.qualification.scoring.fitting.learning import Wishes
    from hq.qualification.scoring.fitting.past import Asked
    from hq.qualification.scoring.fitting.validation import Split
    from hq.qualification.scoring.scorecard import Scorecard

    wishes = Wishes(_directions(monotone), pairs, Scorecard.parse(DEFAULT_CARD), seed)
    asked = Asked(outcome, _listed(exclude), _listed(won), _listed(unworked), when, Split(split), wishes, rivals)
    try:
        report = fit_file(file, asked)
    except DomainError as refusal:
        told = {"code": refusal.code, "params": refusal.params, "text": fit_words.refusal_sentence(refusal)}
        click.echo(
            json.dumps({"file": file.name, "refused": told}, ensure_ascii=False) if as_json else told["text"],
            err=not as_json,
        )
        sys.exit(1)
    if save is not None:
        save.write_text(json.dumps(dict(report.scorecard), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    lines = [json.dumps(report.as_json(), ensure_ascii=False)] if as_json else fit_words.in_lines(report)
    for line in lines:
        click.echo(line)


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _directions(names: str) -> dict[str, int]:
    """`+a,-b,c` as facts with +1, -1, and 0 for whichever way the outcomes say."""
    signs = {"+": 1, "-": -1}
    return {name.lstrip("+-"): signs.get(name[0], 0) for name in _listed(names)}


commands: list[click.Command] = [scorecard]
