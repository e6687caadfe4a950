"""Invented past leads whose truth is known, and files of them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

SOURCES = ("扫码", "公众号", "直播", "社群")
HORIZONS = ("now", "1m", "3m", "later", "")
_SOURCE = {"扫码": 0.9, "公众号": 0.1, "直播": -0.7, "社群": 0.3}
_HORIZON = {"now": 1.6, "1m": 0.9, "3m": 0.2, "later": -0.8, "": 0.0}
HEADING = ("序号", "姓名", "年龄", "收入", "距离", "城市", "来源", "购车时间", "国家", "结果")


def people(count: int, seed: int = 1, base: float = -1.5) -> tuple[list[list[object]], np.ndarray]:
    """Rows under `HEADING` (the outcome as 成交 or 战败), and the true log-odds."""
    rnd = np.random.default_rng(seed)
    age, income = rnd.integers(18, 75, count), np.exp(rnd.normal(9, 1, count))
    km, city = rnd.gamma(1.5, 20, count), rnd.integers(0, 30, count)
    source, horizon = rnd.choice(SOURCES, count), rnd.choice(HORIZONS, count)
    of_city = rnd.normal(0, 0.5, 30)
    log_odds = base - 0.03 * np.abs(age - 40) + 0.3 * (np.log(income) - 9) - 0.02 * km + of_city[city]
    log_odds += np.array([_SOURCE[word] for word in source]) + np.array([_HORIZON[word] for word in horizon])
    log_odds += 1.5 * ((age > 50) & (source == "直播"))
    won = rnd.random(count) < 1 / (1 + np.exp(-log_odds))
    rows = [
        [
            i + 1,
            f"客户{i}",
            "?" if i % 17 == 0 else int(age[i]),
            f"{income[i]:,.2f}",
            "N/A" if i % 11 == 0 else round(float(km[i]), 1),
            f"c{city[i]}",
            source[i],
            horizon[i],
            "中国",
            "成交" if won[i] else "战败",
        ]
        for i in range(count)
    ]
    return rows, log_odds


def write(
    path: Path, rows: list[list[object]], heading=HEADING, *, encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    """A file of these rows."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(heading)
        writer.writerows(rows)
    return path
