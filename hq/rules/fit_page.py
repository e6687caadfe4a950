"""A learnt card's report as its page shows it, and what somebody asks for in its form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from hq.intake.imports import texts
from hq.qualification.fits.queries import Fit, Stand
from hq.qualification.fits.wishes import Wished
from hq.qualification.scoring import catalogue, steps
from hq.qualification.scoring.fit_words import remark_words, with_fact
from hq.qualification.scoring.refusals import CardRefused
from hq.qualification.scoring.report import Band, Measures, Remark, Report, Strength
from hq.qualification.scoring.words import fact_words, refusal_words
from hq.rules.card_words import separator, word_words
from hq.rules.verdicts import drift_of, strength_of
from shared.web import formats, words
from shared.web.words import tell

_GRAVE = frozenset({"leak", "no_signal", "few_won", "few_won_leaning"})

tell(
    "fit_under_way",
    _l("A worker is busy with this file"),
    _l("Nothing was changed. Wait until it is done, then ask again."),
)
tell(
    "fit_refused.file_gone",
    _l("The file was deleted on its date"),
    _l("Upload it once more to learn from it again."),
)
for _code, _text in {
    "looking": _l("Being looked at"),
    "choosing": _l("Waits for you"),
    "waiting": _l("Being learnt"),
    "done": _l("Learnt"),
    "stopped": _l("Stopped"),
    "refused": _l("Not possible"),
}.items():
    tell(f"fit_state.{_code}", _text)
for _code, _text in {"number": _l("number"), "word": _l("words"), "day": _l("day")}.items():
    tell(f"fit_sort.{_code}", _text)


for _code, _text in {
    steps.READ: _l("Read what there is"),
    steps.LOOK: _l("Look at every column alone"),
    steps.FOLDS: _l("Cut bins, learn, and test on leads not seen"),
    steps.RIVALS: _l("Other methods on the same leads"),
    steps.POINTS: _l("Learn from everything, whole points"),
    steps.REPORT: _l("Calibration, drift, report"),
}.items():
    tell(f"fit_step.{_code}", _text)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a learning: how much of it is done, 0 to 1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Way:
    """How far a learning is: all steps, and the whole in percent; see `queries.Stand`."""

    steps: Sequence[Step]
    percent: int
    stand: Stand


@dataclass(frozen=True, slots=True)
class OwnFact:
    """A fact that can be learnt from: whether it is, whether it is a number, and which way its points may go."""

    fact: str
    name: str
    wanted: bool
    number: bool
    turn: str


@dataclass(frozen=True, slots=True)
class Line:
    """One attribute of the card: strength and drift (each with its word), span of points, and its bins (words, leads,
    share won, points)."""

    name: str
    iv: float
    strength: str
    psi: float
    drift: str
    least: int
    most: int
    bins: Sequence[tuple[str, int, float, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report ready to be shown.

    Attributes:
        models: name and figures, the card first.
        gains: share of the leads, and for each model the share of sales found among them.
        bands: points from which a band begins, share of the won and of the others whose points lie in it, share won.
        remarks: sentences, and whether each is a warning.
        obstacle: why it cannot become a draft; empty when it can.
    """

    report: Report
    models: Sequence[tuple[str, Measures]]
    gains: Sequence[tuple[float, Sequence[float]]]
    lines: Sequence[Line]
    bands: Sequence[tuple[str, float, float, float]]
    remarks: Sequence[tuple[str, bool]]
    unused: Sequence[str]
    obstacle: str


def sheet_of(report: Report) -> Sheet:
    """A report ready to be shown."""
    named = ((_("Card"), report.card), (_("Boosting"), report.boosting), (_("Naive Bayes"), report.naive_bayes))
    models = [(str(name), model) for name, model in named if model is not None]
    gains = [
        (part, [model.gains[at][1] for _name, model in models]) for at, (part, _found) in enumerate(report.card.gains)
    ]
    return Sheet(
        report,
        models,
        gains,
        [_line(each) for each in report.attributes],
        _spread(report.bands),
        [
            (remark_words(by_name(each)), each.code in _GRAVE)
            for each in report.remarks
            if each.code != "drift"  # the table of attributes tells it
        ],
        [fact_words([column.name]) for column in report.columns if column.use == "no_use"],
        obstacle(report.scorecard),
    )


def way_of(stand: Stand) -> Way:
    """How far a learning is, as its page shows it."""
    at = steps.STEPS.index(stand.step) if stand.step in steps.STEPS else -1
    part = stand.done / stand.total if stand.total else 0.0
    shares = [1.0 if place < at else part if place == at else 0.0 for place in range(len(steps.STEPS))]
    told = [Step(name, share) for name, share in zip(steps.STEPS, shares, strict=True)]
    return Way(told, steps.percent(stand.step, stand.done, stand.total) if stand.step and at >= 0 else 0, stand)


def obstacle(body: Mapping[str, Any]) -> str:
    """Why a learnt card cannot score Koi's own leads; empty when it can."""
    try:
        catalogue.usable(body)
    except CardRefused as refusal:
        return refusal_words(refusal)
    return ""


def own_facts(wished: Wished) -> list[OwnFact]:
    """The facts of Koi that a card can be learnt from, as a form about its own leads lists them."""
    return [
        OwnFact(
            fact.name,
            fact_words([fact.name]),
            fact.name not in wished.exclude,
            fact.kind is catalogue.Kind.NUMBER,
            wished.turn(fact.name),
        )
        for fact in catalogue.choosable()
    ]


def refusal_told(fit: Fit) -> tuple[str, str]:
    """Why nothing was learnt, and what to do."""
    if fit.refusal is None:
        return "", ""
    params = with_fact(texts.joined(fit.refusal["params"]))
    return words.say(fit.refusal["code"], params), words.advise(fit.refusal["code"], params)


def by_name(remark: Remark) -> Remark:
    """A remark on a fact of Koi, with the fact by its words."""
    told = {name: remark.params[name] for name in ("column", "other") if remark.params.get(name)}
    named = {name: fact_words(str(column).split(" × ")) for name, column in told.items()}
    return Remark(remark.code, {**remark.params, **named})


def _line(each: Strength) -> Line:
    points = [one.points for one in each.bins]
    bins = [
        (_bin(each.facts, one.names), one.leads, one.won / one.leads if one.leads else 0.0, one.points)
        for one in each.bins
    ]
    return Line(
        fact_words(each.facts),
        each.iv,
        strength_of(each.iv),
        each.psi,
        drift_of(each.psi),
        min(points, default=0),
        max(points, default=0),
        bins,
    )


def _spread(bands: Sequence[Band]) -> list[tuple[str, float, float, float]]:
    won = sum(band.won for band in bands) or 1
    others = sum(band.leads - band.won for band in bands) or 1
    return [
        (
            formats.number(band.low),
            band.won / won,
            (band.leads - band.won) / others,
            band.won / band.leads if band.leads else 0.0,
        )
        for band in bands
    ]


def _bin(facts: Sequence[str], names: Sequence[Sequence[str]]) -> str:
    sides = [separator().join(word_words(fact, name) for name in side) for fact, side in zip(facts, names, strict=True)]
    return " × ".join(sides)
