"""Fitting the weights of the linear score to labelled articles: logistic regression that starts from, and stays near, hand-set weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.detect.lexicon import COUNTER, Weights

_AGAINST = frozenset((*COUNTER, "denial", "foreign", "nobody", "responder"))
_EITHER = frozenset(("country", "suspect"))  # a country says where, not whether
_STEPS = 100
_STILL = 1e-6

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """The evidence of one labelled article. `incident` and `lang` are what cross-validation keeps together."""

    values: Mapping[str, float]
    relevant: bool
    incident: str
    lang: str


def fit(samples: Sequence[Sample], prior: Weights, strength: float) -> Weights:
    """The most probable weights: those of `prior`, moved by the samples; the larger `strength`, the less.

    Minimises logistic loss + `strength` · squared distance from the prior by Newton's method with bounds: evidence for an incident may
    never count against one, nor evidence against it for one, however a small corpus looks (Bertsekas 1982, projected Newton).
    """
    names = sorted({name for sample in samples for name in sample.values if "background" not in name} | set(prior.features))
    x = np.array([[sample.values.get(name, 0.0) for name in names] + [1.0] for sample in samples]).reshape(len(samples), len(names) + 1)
    y = np.array([float(sample.relevant) for sample in samples])
    start = np.array([prior.features.get(name, 0.0) for name in names] + [prior.bias])
    pull = np.array([2.0 * strength] * len(names) + [0.0])  # the bias is free
    low, high = np.array([*map(_bounds, names), (-np.inf, np.inf)]).T
    w = _newton(x, y, start, pull, (low, high))
    features = {name: round(float(value), 2) for name, value in zip(names, w, strict=False) if abs(value) >= 0.05}
    return Weights(prior.threshold, round(float(w[-1]), 2), features)


def _bounds(name: str) -> tuple[float, float]:
    kind = name.split(".", maxsplit=1)[0]
    if kind in _EITHER:
        return -np.inf, np.inf
    return (-np.inf, 0.0) if kind in _AGAINST else (0.0, np.inf)


def _newton(x: Matrix, y: Matrix, start: Matrix, pull: Matrix, bounds: tuple[Matrix, Matrix]) -> Matrix:
    low, high = bounds
    w = np.clip(start, low, high)
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-(x @ w)))
        gradient = x.T @ (p - y) + pull * (w - start)
        free = ~(((w <= low) & (gradient > 0)) | ((w >= high) & (gradient < 0)))
        hessian = (x.T * (p * (1 - p))) @ x + np.diag(pull + 1e-9)
        step = np.zeros_like(w)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)], gradient[free])
        size = 1.0
        while size > _STILL and _loss(np.clip(w - size * step, low, high), x, y, start, pull) > _loss(w, x, y, start, pull):
            size /= 2
        moved = np.clip(w - size * step, low, high)
        if np.abs(moved - w).max() < _STILL:
            return moved
        w = moved
    return w


def _loss(w: Matrix, x: Matrix, y: Matrix, start: Matrix, pull: Matrix) -> float:
    z = x @ w
    return float(np.sum(np.logaddexp(0.0, z) - y * z) + np.sum(pull * (w - start) ** 2) / 2)
