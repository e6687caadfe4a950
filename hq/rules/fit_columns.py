"""The columns of a file of past leads as the page shows them: what each is, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from hq.intake.imports.columns import plain
from hq.qualification.fits.queries import Fit, Remembered
from hq.qualification.fits.wishes import OUT, OUTCOME, OWN, Wished
from hq.qualification.scoring.catalogue import CATALOGUE, Fact, Kind, choosable
from hq.qualification.scoring.foreign import SIGNED_UP, answer, fact_of, fits, is_late, is_person, outcome_of
from hq.qualification.scoring.words import fact_words
from hq.rules.card_words import word_words
from hq.rules.fit_form import WishRefused, direction_of, listed, split_of

Form = MultiDict[str, str]
_TURNING = frozenset({OWN, *(fact.name for fact in choosable() if fact.kind is Kind.NUMBER)})


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """An answer of the file, how often, the fact's answer that it is ("": not told), and the field's name."""

    name: str
    word: str
    count: int
    chosen: str


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column.

    Attributes:
        chosen: `OUTCOME`, `OUT`, `OWN`, or the fact that it is.
        why: of what nobody chose yet: `remembered`, `guessed`, `late` (called like something filled in later),
            `person` (called like what names somebody), or "".
        facts: those that a column of its sort can be.
        answers: of a fact with answers of its own; `choices` are these, each with its words.
        turn: the direction in which points may go, "" for both; `turns`: whether that can be asked.
    """

    number: int
    name: str
    sort: str
    missing: float
    distinct: int
    words: Sequence[tuple[str, int]]
    chosen: str
    why: str
    facts: Sequence[str]
    answers: Sequence[AnswerLine]
    choices: Sequence[tuple[str, str]]
    turn: str
    turns: bool

    @property
    def unread(self) -> int:
        """Answers that mean nothing yet."""
        return sum(not each.chosen for each in self.answers)


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns of a file, and what else the form holds."""

    lines: Sequence[ColumnLine]
    only_facts: bool
    won: str
    unworked: str
    split: str

    @property
    def facts(self) -> Sequence[str]:
        """The facts that columns are, in words."""
        return [name_of(line.chosen) for line in self.lines if line.chosen not in (OUTCOME, OUT, OWN)]

    @property
    def foreign(self) -> Sequence[str]:
        """Columns that a card may look at and that are no fact."""
        return [line.name for line in self.lines if line.chosen == OWN and line.sort != "day"]


def name_of(fact: str) -> str:
    """What a fact is called, or the moment of the sign-up."""
    return str(_("Moment of the sign-up")) if fact == SIGNED_UP else fact_words([fact])


def columns_of(fit: Fit, remembered: Mapping[str, Remembered], form: Form | None = None) -> Columns:
    """The columns of a file.

    Args:
        remembered: what columns were the last time, by `plain` heading.
        form: what stands in the fields; None: what was asked for before, else what can be known by itself.
    """
    taken: set[str] = set()
    names = [column["name"] for column in fit.columns]
    outcome = outcome_of(names)
    lines = []
    for i, column in enumerate(fit.columns):
        chosen, why = _chosen(fit, column, i, remembered, form, outcome)
        if why and chosen in taken:  # a second column of the same name is no second fact
            chosen, why = OWN, ""
        if chosen not in (OUT, OWN):
            taken.add(chosen)
        lines.append(_line(fit, column, i, (chosen, why), remembered, form))
    asked = bool(fit.wished.outcome)
    sent = form.get("purpose") if form is not None else None
    usable = any(line.chosen not in (OUTCOME, OUT, OWN) for line in lines)
    only = sent == "use" if sent else fit.wished.only_facts if asked else usable
    return Columns(
        lines,
        only and usable,
        form.get("won", "") if form is not None else ", ".join(fit.wished.won),
        form.get("unworked", "") if form is not None else ", ".join(fit.wished.unworked),
        split_of(form) if form is not None else fit.wished.split,
    )


def wished_of(columns: Columns) -> Wished:
    """What the form asks for.

    Raises:
        WishRefused: no outcome or two, one fact twice, or a card for use of no fact.
    """
    outcomes = [line.name for line in columns.lines if line.chosen == OUTCOME]
    if len(outcomes) != 1:
        raise WishRefused("outcome", _("Choose the one column that says what became of the lead"))
    facts = {line.name: _meaning(line) for line in columns.lines if line.chosen not in (OUTCOME, OUT, OWN)}
    seen: set[str] = set()
    for meaning in facts.values():
        if meaning["fact"] in seen:
            raise WishRefused("outcome", _("Two columns are “%(fact)s”: leave one out", fact=name_of(meaning["fact"])))
        seen.add(meaning["fact"])
    return Wished(
        outcome=outcomes[0],
        exclude=tuple(line.name for line in columns.lines if line.chosen == OUT),
        won=listed(columns.won),
        unworked=listed(columns.unworked),
        split=columns.split,
        facts=facts,
        only_facts=columns.only_facts,
        monotone={
            line.name if line.chosen == OWN else line.chosen: direction_of(line.turn)
            for line in columns.lines
            if line.turn and line.turns and not (columns.only_facts and line.chosen == OWN)
        },
    )


def _meaning(line: ColumnLine) -> dict[str, Any]:
    return {"fact": line.chosen, "words": {each.word: each.chosen for each in line.answers}}


def _chosen(
    fit: Fit,
    column: Mapping[str, Any],
    i: int,
    remembered: Mapping[str, Remembered],
    form: Form | None,
    outcome: str | None,
) -> tuple[str, str]:
    """What a column is, and why when nobody chose it."""
    name = column["name"]
    if form is not None:
        return _allowed(form.get(f"is-{i}", OWN), column), ""
    if fit.wished.outcome:
        return _allowed(fit.wished.meaning(name), column), ""
    known = remembered.get(plain(name))
    if known is not None:
        return _allowed(known.meaning, column), "remembered"
    if name == outcome:
        return OUTCOME, "guessed"
    fact = fact_of(name, column["sort"], [(word, count) for word, count in column["words"]])
    if fact:
        return fact, "guessed"
    if is_late(name):
        return OUT, "late"
    return (OUT, "person") if is_person(name) else (OWN, "")


def _allowed(chosen: str, column: Mapping[str, Any]) -> str:
    if chosen in (OUTCOME, OUT, OWN) or chosen in _facts(column["sort"]):
        return chosen
    return OWN


def _facts(sort: str) -> list[str]:
    names = [SIGNED_UP, *(fact.name for fact in choosable())]
    return [name for name in names if fits(name, sort)]


def _line(
    fit: Fit,
    column: Mapping[str, Any],
    i: int,
    chosen: tuple[str, str],
    remembered: Mapping[str, Remembered],
    form: Form | None,
) -> ColumnLine:
    fact = CATALOGUE.get(chosen[0])
    answers = _answers(fit, column, i, fact, remembered, form) if fact is not None and fact.choices else []
    turn = form.get(f"turn-{i}", "") if form is not None else fit.wished.turn(column["name"])
    return ColumnLine(
        i,
        column["name"],
        column["sort"],
        column["missing"],
        column["distinct"],
        column["words"],
        *chosen,
        _facts(column["sort"]),
        answers,
        [(code, word_words(fact.name, code)) for code in fact.choices] if fact is not None else [],
        turn,
        column["sort"] == "number" and chosen[0] in _TURNING,
    )


def _answers(
    fit: Fit,
    column: Mapping[str, Any],
    i: int,
    fact: Fact,
    remembered: Mapping[str, Remembered],
    form: Form | None,
) -> list[AnswerLine]:
    name = column["name"]
    before = dict(fit.wished.facts.get(name, {}))
    known = remembered.get(plain(name))
    told: Mapping[str, str] = {}
    if before.get("fact") == fact.name:
        told = before["words"]
    elif known is not None and known.meaning == fact.name:
        told = known.words
    lines = []
    for j, (word, count) in enumerate(column["words"]):
        field = f"w-{i}-{fact.name}-{j}"
        said = form.get(field) if form is not None else None
        if said is None:
            said = told[word] if word in told else answer(fact.name, word) or ""
        lines.append(AnswerLine(field, word, count, said if said in fact.choices else ""))
    return lines
