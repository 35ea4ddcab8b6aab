"""The lowest point of a parabola with corners, found exactly by following the set of parameters that are not 0."""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from lepton_core.descent.losses import Array

Mask = NDArray[np.bool_]

_SETTLED = 1e-14
_STALLED = 20
_STEPS = 100
_TRIES = 4
_FEW = 8
_SHORT = 0.05
_LEAST = 1e-13
_FIRST = 1e-6
_SHARES = 0.25 ** np.arange(8.0)


def lasso(B: Array, r: Array, t: Array, start: Array) -> Array:
    """The ``u`` ``(p,)`` with the lowest ``u'Bu/2 - r'u + sum t_j |u_j|``; ``B`` ``(p, p)`` has no negative eigenvalue.

    ``r``, ``t`` (at least 0) and ``start`` are ``(p,)``. An active set method (after Lee, Battle, Raina and Ng, 2006),
    in units in which the diagonal of ``B`` is 1: solve for the parameters that are not 0 and those that want to leave
    it, as if none changed its sign; go towards that solution to the lowest point on the way, corners counted, or
    let all that would change their sign stop at 0, if that is lower. Where only short steps help, as with ``B``
    singular, the solution is damped. Each step is down; what is 0 in the end is exactly 0. After 100 steps and two a
    parameter the point so far is the result.

    >>> lasso(np.eye(3), np.array([3.0, -0.5, -3.0]), np.array([1.0, 1.0, 0.0]), np.zeros(3)).round(9).tolist()
    [2.0, 0.0, -3.0]
    """
    units = np.sqrt(np.maximum(np.diagonal(B), 0.0))
    units[units == 0.0] = 1.0
    B = B / units / units[:, None]
    np.fill_diagonal(B, 1.0)
    return _Corners(B, r / units, t / units).descend(start * units) / units


@dataclass(frozen=True, eq=False)
class _Corners:
    B: Array
    r: Array
    t: Array

    def descend(self, u: Array) -> Array:
        size, lowest, stalled, damping = np.abs(self.B), inf, 0, _LEAST
        for _ in range(_STEPS + 2 * len(u)):
            slope = self.B @ u - self.r
            held = (u != 0.0) | (self.t == 0.0)
            # What is left of the slope where the corners have taken what they can.
            rest = np.where(
                held, slope + self.t * np.sign(u), np.sign(slope) * np.maximum(np.abs(slope) - self.t, 0.0)
            )
            value = float(0.5 * u @ (slope - self.r) + self.t @ np.abs(u))
            stalled = 0 if value < lowest else stalled + 1
            moved = np.abs(rest) > _SETTLED * (size @ np.abs(u) + np.abs(self.r))
            if not moved.any() or stalled > _STALLED:
                break
            direction = self.direction(rest, held, moved, damping)
            share, ahead = self.straight(slope, u, direction)
            if share == 0.0:
                break
            u, share = self.lower(u, direction, share, ahead)
            lowest = min(value, lowest)
            damping = max(_LEAST, damping / 10) if share > _SHORT else min(1.0, max(_FIRST, 30 * damping))
        return u

    def direction(self, rest: Array, held: Mask, moved: Mask, damping: float) -> Array:
        # The first that want to leave 0, all at once as long as each then goes the way it wants to.
        wanting = moved & ~held
        most = max(_FEW, int(held.sum()) // 2)
        if wanting.sum() > most:
            wanting &= np.abs(rest) >= np.partition(np.abs(rest[wanting]), -most)[-most]
        for _ in range(_TRIES):
            direction = self.solve(rest, held | wanting, damping)
            wrong = wanting & (direction * rest >= 0.0)
            if not wrong.any():
                return direction
            wanting &= ~wrong
        if (moved & held).any():
            return self.solve(rest, held, damping)
        one = np.zeros_like(moved)
        one[np.argmax(np.where(moved, np.abs(rest), 0.0))] = True
        return self.solve(np.where(one, rest, 0.0), held | one, damping)

    def solve(self, rest: Array, among: Mask, damping: float) -> Array:
        direction, at = np.zeros_like(rest), np.flatnonzero(among)
        bound = self.B[np.ix_(at, at)]
        np.fill_diagonal(bound, 1.0 + damping)
        direction[at] = -np.linalg.solve(bound, rest[at])
        return direction

    @np.errstate(over="ignore")
    def straight(self, slope: Array, u: Array, direction: Array) -> tuple[float, Array]:
        """The part of ``direction``, at most 1, after which the objective is lowest, and that point."""
        bend = max(float(direction @ self.B @ direction), np.finfo(float).tiny)
        kinks = self.t * (np.sign(u) * direction + (u == 0.0) * np.abs(direction))
        crossing = np.flatnonzero((u * direction < 0.0) & (self.t > 0.0))
        where = -u[crossing] / direction[crossing]
        crossing, where = crossing[where <= 1.0], where[where <= 1.0]
        order = np.argsort(where, kind="stable")
        corners, jumps = where[order], 2.0 * (self.t * np.abs(direction))[crossing[order]]
        # Between corners the derivative is rises + bend * share; at each it jumps up.
        rises = float(slope @ direction + kinks.sum()) + np.concatenate([[0.0], np.cumsum(jumps)])
        after = np.flatnonzero(rises[1:] + bend * corners >= 0.0)
        if len(after):
            share = float(min(max(-rises[after[0]] / bend, 0.0), corners[after[0]]))
        else:
            share = float(np.clip(-rises[-1] / bend, 0.0, 1.0))
        ahead = u + share * direction
        ahead[crossing[where == share]] = 0.0
        return share, ahead

    def lower(self, u: Array, direction: Array, share: float, ahead: Array) -> tuple[Array, float]:
        """``ahead``, or a point where all that would have changed their sign are 0, if that is lower; and its share."""
        points = u + _SHARES[:, None] * direction
        points[(points * u < 0.0) & (self.t > 0.0)] = 0.0
        points = np.concatenate([ahead[None], points])
        values = (
            0.5 * np.einsum("ij,ij->i", points @ self.B, points) - points @ self.r + np.abs(points) @ self.t
        )
        best = int(np.argmin(values))
        return points[best], share if best == 0 else float(_SHARES[best - 1])
