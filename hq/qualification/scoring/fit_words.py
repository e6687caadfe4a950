"""Words for learning a scorecard: why nothing can be learnt, what a person must know, and the report for a console."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from hq.intake.imports import texts
from hq.intake.imports.grid import Refused
from hq.qualification.scoring.report import Measures, Remark, Report
from hq.qualification.scoring.words import fact_words
from shared.platform.errors import DomainError
from shared.web import words
from shared.web.counted import Counted
from shared.web.words import tell

_REFUSED: Mapping[str, tuple[Any, Any]] = {
    "too_large": (_l("The file has %(mb)s MB, more than the %(limit_mb)s MB that can be read"), _l("Split it.")),
    "broken_gzip": (_l("The compressed file is damaged"), _l("Pack it again, or send it unpacked.")),
    "no_outcome_column": (
        _l("No column is called “%(column)s”"),
        _l("The outcome stands in one column. The file has: %(names)s."),
    ),
    "no_such_column": (_l("No column is called “%(column)s”"), _l("The file has: %(names)s.")),
    "no_such_word": (
        _l("“%(word)s” does not occur in the column “%(column)s”"),
        _l("There are: %(words)s."),
    ),
    "one_class": (
        _l("All leads ended the same: the column “%(column)s” says only “%(word)s”"),
        _l("A card needs leads that were won and leads that were lost. Leads that nobody worked on count as neither."),
    ),
    "outcome_words": (
        _l("The column “%(column)s” does not say which leads were won"),
        _l("It has: %(words)s. Name those that mean a sale, and those of leads that nobody worked on."),
    ),
    "too_few": (
        _l("Too little happened: %(won)s won and %(lost)s lost"),
        _l("At least %(least)s of each are needed, and 100 sales for points that can be relied on."),
    ),
    "no_order": (
        _l("“%(column)s” holds words, which have no order: its points cannot only rise or only fall"),
        _l("Ask for it only of numbers."),
    ),
    "not_this_fact": (
        _l("“%(column)s” cannot be “%(fact)s”: its cells are of another kind"),
        _l("Numbers are needed for a number, days with their time for the moment of the sign-up. Choose another fact."),
    ),
    "fact_twice": (
        _l("“%(column)s” and “%(other)s” would both be “%(fact)s”"),
        _l("Leave one of them out."),
    ),
    "no_columns": (
        _l("No column is left that a card could look at"),
        _l("Left out were: %(names)s."),
    ),
    "only_outcome": (
        _l("The file has no column besides the outcome"),
        _l("A card needs what was known of the leads, such as where they came from and when they wanted to buy."),
    ),
    "no_outcome": (
        _l("The column “%(column)s” says of no lead what became of it"),
        _l("Name another column, or the words that mean a sale."),
    ),
    "no_leads": (
        _l("No lead of this time has ended"),
        Counted(
            "%(untold)s is open, was closed by headquarters, or never reached by a store. Take a longer time.",
            "%(untold)s are open, were closed by headquarters, or never reached by a store. Take a longer time.",
            "untold",
        ),
    ),
    "not_a_time": (_l("“%(column)s” holds no days or numbers"), _l("Name a column that the leads can be ordered by.")),
    "time_too_short": (
        _l("The time is too short to test later leads by earlier ones"),
        _l("The earlier leads must have at least %(least)s won and lost. Use folds instead."),
    ),
}
_REMARKS: Mapping[str, Any] = {
    "leak": _l(
        "“%(column)s” alone tells sales from losses (AUC %(auc)s). It was hardly known at sign-up: leave it out, or "
        "the figures are too good to be true"
    ),
    "no_signal": _l(
        "The card tells buyers from others hardly better than a coin (AUC %(auc)s): these columns say too little"
    ),
    "few_won": Counted(
        "Only %(won)s sale; from %(enough)s on points can be relied on. No typed card knows these columns, so the "
        "points are only as large as so few sales allow",
        "Only %(won)s sales; from %(enough)s on points can be relied on. No typed card knows these columns, so the "
        "points are only as large as so few sales allow",
        "won",
    ),
    "few_won_leaning": Counted(
        "Only %(won)s sale; from %(enough)s on points can be relied on. The points are %(percent)s%% learnt, the rest "
        "is the typed card's",
        "Only %(won)s sales; from %(enough)s on points can be relied on. The points are %(percent)s%% learnt, the rest "
        "is the typed card's",
        "won",
    ),
    "unworked": Counted(
        "%(count)s lead that nobody worked on was left out, not counted as lost (%(words)s)",
        "%(count)s leads that nobody worked on were left out, not counted as lost (%(words)s)",
    ),
    "untold": Counted(
        "%(count)s lead that is open, was closed by headquarters or never reached by a store was left out, not "
        "counted as lost",
        "%(count)s leads that are open, were closed by headquarters or never reached by a store were left out, not "
        "counted as lost",
    ),
    "outcome_guessed": _l("Taken as sales: %(won)s; as losses: %(lost)s. If it is the other way round, name the sales"),
    "file_order": _l("No column tells the time; the order of the file was taken for it"),
    "damaged": Counted("%(count)s row that was cut off was left out", "%(count)s rows that were cut off were left out"),
    "marks": _l("“%(column)s”: read as not told: %(marks)s"),
    "marks_together": Counted(
        "In %(count)s column read as not told: %(marks)s", "In %(count)s columns read as not told: %(marks)s"
    ),
    "unread": Counted(
        "“%(column)s”: %(count)s answer that means nothing to Koi was read as not told (%(words)s)",
        "“%(column)s”: %(count)s answers that mean nothing to Koi were read as not told (%(words)s)",
    ),
    "no_facts": _l("Left out because they are no facts of Koi: %(columns)s"),
    "drift": _l("“%(column)s”: the latest leads are other people than the earlier ones (PSI %(psi)s)"),
    "left_out_empty": _l("“%(column)s” is empty and was left out"),
    "left_out_constant": _l("“%(column)s” is the same for everybody and was left out"),
    "left_out_all_different": _l("“%(column)s” is different for everybody, like a number or a name, and was left out"),
    "left_out_day": _l("“%(column)s” holds days; they tell the order of time, not the person"),
    "left_out_same_as": _l("“%(column)s” says the same as “%(other)s” and was left out"),
}
for _code, (_title, _advice) in _REFUSED.items():
    tell(f"fit_refused.{_code}", _title, _advice)
for _code, _text in _REMARKS.items():
    tell(f"fit_remark.{_code}", _text)


def refusal_sentences(refusal: DomainError) -> tuple[str, str]:
    """Why nothing can be learnt, without a full stop, and what to do."""
    code = f"import_refused.{refusal.reason}" if isinstance(refusal, Refused) else refusal.code
    params = with_fact(texts.joined(refusal.params))
    return words.say(code, params), words.advise(code, params)


def with_fact(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a sentence with the fact by its words."""
    return {**params, "fact": fact_words([str(params["fact"])])} if "fact" in params else params


def remark_words(remark: Remark) -> str:
    """A remark as a sentence without a full stop."""
    params = texts.joined(remark.params)
    if remark.code.startswith("note_"):
        return texts.say("note", remark.code.removeprefix("note_"), params)
    return words.say(f"fit_remark.{remark.code}", params)


def in_lines(report: Report) -> Iterator[str]:
    """The report for a console."""
    yield f"{report.rows} leads: {report.won} won, {report.lost} lost, {report.unworked} not worked on"
    yield f"{report.split}, {report.folds} tested, seed {report.seed}, {report.seconds} s"
    yield ""
    yield f"{'':14}{'AUC':>7}{'lift 10%':>10}{'ECE':>8}{'Brier':>9}{'base':>9}{'slope':>8}"
    for name, model in (("card", report.card), ("boosting", report.boosting), ("naive Bayes", report.naive_bayes)):
        if model is not None:
            yield _model_line(name, model)
    if report.gap is not None:
        yield f"boosting is {report.gap:+.4f} AUC away"
    yield from _tables(report)
    for remark in report.remarks:
        yield f"! {remark_words(remark)}"


def _model_line(name: str, model: Measures) -> str:
    return (
        f"{name:14}{model.auc:7.4f}{model.lift_10:10.2f}{model.ece:8.4f}{model.brier:9.5f}{model.brier_base:9.5f}"
        f"{model.slope:8.3f}"
    )


def _tables(report: Report) -> Iterator[str]:
    card = report.scorecard
    yield ""
    yield f"calibration    {'leads':>8}{'said':>9}{'won':>9}"
    for group in report.card.calibration:
        yield f"{'':15}{group.leads:8}{group.predicted:9.2%}{group.actual:9.2%}"
    yield f"gains          {'  '.join(f'{part:.0%}→{found:.0%}' for part, found in report.card.gains)}"
    yield f"over time      {'leads':>8}{'won':>9}{'said':>9}{'AUC':>8}{'ECE':>8}{'PSI':>7}"
    for block in report.blocks:
        area = f"{block.auc:.4f}" if block.auc is not None else "-"
        figures = f"{block.leads:8}{block.actual:9.2%}{block.predicted:9.2%}{area:>8}{block.ece:8.4f}{block.psi:7.2f}"
        yield f"{'':15}{figures}  {block.start} … {block.end}"
    yield ""
    yield f"{card['base_points']} points are odds of {card['base_odds']}, {card['double_odds']} double them;"
    yield f"grades {card['grades']}; drift of the score {report.score_psi:.2f}"
    for strength in report.attributes:
        yield f"{' × '.join(strength.facts):34} IV {strength.iv:6.3f}  PSI {strength.psi:5.2f}"
        for each in strength.bins if len(strength.facts) == 1 else ():
            names = ", ".join(each.names[0])
            yield f"    {each.points:+5d}  {each.leads:8}  {each.won / each.leads:6.1%}  {names[:70]}"
    unused = [column.name for column in report.columns if column.use == "no_use"]
    if unused:
        yield f"no points: {', '.join(unused)}"
    yield ""
