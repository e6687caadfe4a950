"""What is known of a learnt card: a plain structure, to be shown, stored as JSON and read back. No numpy here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Group:
    """Leads of about one probability: how many, what was said on average, what share was won."""

    leads: int
    predicted: float
    actual: float


@dataclass(frozen=True, slots=True)
class Measures:
    """One model's figures on leads that it has not seen.

    Attributes:
        auc: chance that of one won and one lost lead the won one has more points (ties count half).
        auc_by_fold: the same within each fold; None where only one outcome occurs.
        lift_10: sales among the best tenth, as a multiple of their share among all.
        gains: (share of the leads, best first; share of the sales found among them).
        calibration: ten groups of equally many leads, by probability.
        ece: mean gap between said and actual in these groups; `ece_width`: in ten ranges of equal width.
        brier: mean squared error; `brier_base`: of saying the base rate of everybody.
        slope, intercept: of a logistic regression of the outcome on the log-odds; 1 and 0 are right.
    """

    leads: int
    won: int
    auc: float
    auc_by_fold: tuple[float | None, ...]
    lift_10: float
    gains: tuple[tuple[float, float], ...]
    calibration: tuple[Group, ...]
    ece: float
    ece_width: float
    brier: float
    brier_base: float
    log_loss: float
    slope: float
    intercept: float

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read `asdict`'s form."""
        groups = tuple(Group(**group) for group in stored["calibration"])
        gains = tuple((part, found) for part, found in stored["gains"])
        return cls(**{**stored, "auc_by_fold": tuple(stored["auc_by_fold"]), "gains": gains, "calibration": groups})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time, or of the file: the tested leads in it.

    Attributes:
        start, end: days as YYYY-MM-DD, or numbers of rows.
        auc: None where only one outcome occurs.
    """

    start: str
    end: str
    leads: int
    won: int
    predicted: float
    actual: float
    auc: float | None
    ece: float
    brier: float
    psi: float


@dataclass(frozen=True, slots=True)
class Band:
    """Tested leads whose points lie from `low` to before the next band's: how many, and how many were won."""

    low: int
    leads: int
    won: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of an attribute.

    Attributes:
        names: by fact the words in the bin, or the range as `Attribute.reason` names it, or `missing`.
    """

    names: tuple[tuple[str, ...], ...]
    leads: int
    won: int
    points: int


@dataclass(frozen=True, slots=True)
class Strength:
    """One attribute of the card.

    Attributes:
        iv: information value of its bins; psi: drift from the first half of the time to the last fifth.
        bins: those that somebody is in.
    """

    facts: tuple[str, ...]
    iv: float
    psi: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class ColumnTold:
    """One column of the file.

    Attributes:
        sort: number, word or day.
        use: `card`, `no_use` (it tells nobody apart), or why it was left out (`choosing.Dropped.reason`).
        auc: of the column alone, on leads not seen; None where it was left out.
        marks: what was read as missing besides empty cells, with how often.
    """

    name: str
    sort: str
    use: str
    missing: float
    distinct: int
    auc: float | None
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a person must know: a code (words: `fit_remark.<code>`) and what its sentence needs."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one learnt card.

    Attributes:
        rows, won, lost, unworked: of the file; those nobody worked on are left out, not counted as lost.
        split: `folds` or `time`; `folds`: how many were tested; `seed`.
        card, naive_bayes, boosting: figures on leads not seen; the last two None when they were not asked for.
        gap: boosting's AUC less the card's.
        score_psi: drift of the score, as `Strength.psi`.
        scorecard: the card's stored form, learnt from all rows.
        learnt: weight of what was learnt in its points; the rest is the typed card's.
        bands: the tested leads by points, without gaps; empty in reports from before they were counted.
    """

    rows: int
    won: int
    lost: int
    unworked: int
    split: str
    folds: int
    seed: int
    card: Measures
    naive_bayes: Measures | None
    boosting: Measures | None
    gap: float | None
    blocks: tuple[Block, ...]
    attributes: tuple[Strength, ...]
    columns: tuple[ColumnTold, ...]
    score_psi: float
    remarks: tuple[Remark, ...]
    scorecard: Mapping[str, Any]
    learnt: float
    seconds: float
    bands: tuple[Band, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads the same report back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read the stored form."""
        models = {name: _measures(stored[name]) for name in ("card", "naive_bayes", "boosting")}
        return cls(
            **{
                **stored,
                **models,
                "blocks": tuple(Block(**block) for block in stored["blocks"]),
                "attributes": tuple(_strength(each) for each in stored["attributes"]),
                "columns": tuple(ColumnTold(**column) for column in stored["columns"]),
                "bands": tuple(Band(**band) for band in stored.get("bands", ())),
                "remarks": tuple(Remark(**remark) for remark in stored["remarks"]),
            }
        )


def _measures(stored: Mapping[str, Any] | None) -> Measures | None:
    return None if stored is None else Measures.from_json(stored)


def _strength(stored: Mapping[str, Any]) -> Strength:
    bins = tuple(Bin(**{**each, "names": tuple(map(tuple, each["names"]))}) for each in stored["bins"])
    return Strength(tuple(stored["facts"]), stored["iv"], stored["psi"], bins)
