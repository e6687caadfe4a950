"""Prices of stores' room: the dual values of a transport problem, solved by HiGHS.

Customers at demand points, each with the cost of reaching the stores around it, are to be served at the least cost
within every store's room. The dual value of a store's room is by how much the total would fall with one place more
(Kantorovich 1939; Dantzig, Linear Programming and Extensions, 1963, ch. 14). A customer who is sent where distance plus
price is least makes the choice that the plan for everybody would, without being in it.

When the same customers and stores come again with other numbers, the last solution is the start of the next: a
thousand leads later a few thousand steps of the dual simplex are left.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from hq.routing.field import Floats, Ints

_INF = highspy.kHighsInf


class Unsolved(RuntimeError):
    """The solver came to no end within its time; the prices before stay."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Prices by store in km (0 where there is room for everybody), the mean cost of a customer, and how many of the
    demand are served by no store."""

    prices: Floats
    mean: float
    unserved: float


class Transport:
    """The problem for n demand points with k ways each to s stores."""

    def __init__(self, costs: Floats, stores: Ints, count: int, *, unserved: float, seconds: float = 60.0) -> None:
        """
        Args:
            costs: km from point to store, shaped (n, k); inf where there is no way.
            stores: the store of each way by number, shaped (n, k).
            count: s.
            unserved: km that a customer costs whom no store serves: no price is above it.
            seconds: for one solution.
        """
        self._points, self._stores = len(costs), count
        points, _ = np.nonzero(np.isfinite(costs))
        ways = np.isfinite(costs)
        self._highs = highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("time_limit", seconds)
        highs.passModel(_model(costs[ways], points, stores[ways], self._points, count, unserved))
        self._seconds = seconds

    def solve(self, demand: Floats, room: Floats) -> Solution:
        """Prices for a demand by point, shaped (n,), and room by store, shaped (s,), inf without a limit.

        Raises:
            Unsolved: it took longer than it may.
        """
        rows = np.arange(self._points + self._stores, dtype=np.int32)
        low = np.concatenate([demand, np.full(self._stores, -_INF)])
        high = np.concatenate([demand, np.where(np.isfinite(room), np.maximum(room, 0), _INF)])
        highs = self._highs
        highs.changeRowsBounds(len(rows), rows, low, high)
        highs.setOptionValue("time_limit", highs.getRunTime() + self._seconds)  # it counts from the first solution on
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Unsolved(highs.modelStatusToString(highs.getModelStatus()))
        solution = highs.getSolution()
        duals = np.array(solution.row_dual)[self._points :]
        unserved = np.array(solution.col_value)[-self._points :] if self._points else np.empty(0)
        total = highs.getInfo().objective_function_value
        return Solution(np.maximum(-duals, 0.0), total / max(1e-9, demand.sum()), float(unserved.sum()))


def _model(
    costs: Floats, points: Ints, stores: Ints, point_count: int, store_count: int, unserved: float
) -> highspy.HighsLp:
    """A column for every way (a row of its point, a row of its store), and one for each point's unserved."""
    ways = len(costs)
    columns = ways + point_count
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, point_count + store_count
    model.col_cost_ = np.concatenate([costs, np.full(point_count, unserved)])
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.full(columns, _INF)
    model.row_lower_ = np.zeros(point_count + store_count)
    model.row_upper_ = np.zeros(point_count + store_count)
    rows = np.empty(2 * ways + point_count, dtype=np.int32)
    rows[0 : 2 * ways : 2], rows[1 : 2 * ways : 2] = points, point_count + stores
    rows[2 * ways :] = np.arange(point_count)
    starts = np.concatenate([np.arange(0, 2 * ways, 2), 2 * ways + np.arange(point_count + 1)])
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kColwise
    matrix.start_, matrix.index_, matrix.value_ = starts.astype(np.int32), rows, np.ones(len(rows))
    return model
