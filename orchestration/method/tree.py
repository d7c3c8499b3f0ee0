"""What each input contributes to the change of its parent; contributions add up to it."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from orchestration.method.intervals import Floats

MOST_SHAPLEY_FACTORS = 4


def sum_contributions(before: Floats, after: Floats) -> Floats:
    """Return what each term of a sum contributes: its own change."""
    return after - before


def product_contributions(before: Floats, after: Floats) -> Floats:
    """Return what each factor of a product contributes to its change.

    Logarithmic means (LMDI-I) where all factors are above 0 in both periods, else Shapley's
    averages; a zero is never replaced by a small number.
    """
    is_positive = (before > 0).all() and (after > 0).all()
    return lmdi(before, after) if is_positive else shapley(before, after)


def lmdi(before: Floats, after: Floats) -> Floats:
    """Return L(P1, P0) ln(f1 / f0) per factor, all above 0. Source: Ang 2005."""
    return logarithmic_mean(float(after.prod()), float(before.prod())) * np.log(after / before)


def logarithmic_mean(first: float, second: float) -> float:
    """Return (a - b) / ln(a / b), which is a where both are equal; both above 0."""
    if np.isclose(first, second, rtol=1e-12, atol=0):
        return first
    return float((first - second) / np.log(first / second))


def shapley(before: Floats, after: Floats) -> Floats:
    """Return each factor's change of the product, averaged over all orders of changing them.

    At most 4 factors. Source: Shapley 1953.
    """
    if len(before) > MOST_SHAPLEY_FACTORS:
        raise ValueError(f"{len(before)} factors: at most {MOST_SHAPLEY_FACTORS}")
    total = np.zeros(len(before))
    orders = list(permutations(range(len(before))))
    for order in orders:
        current = before.astype(float).copy()
        for factor in order:
            previous = current.prod()
            current[factor] = after[factor]
            total[factor] += current.prod() - previous
    return total / len(orders)


@dataclass(frozen=True)
class Split:
    """A change of a weighted mean, split by segment; arrays of one length."""

    total_before: float
    total_after: float
    rate_effects: Floats
    """From the segments' own change."""
    mix_effects: Floats
    """From the change of their weights, against the mean of the total."""

    @property
    def is_simpson(self) -> bool:
        """Whether the segments together moved the other way than the total did."""
        change = self.total_after - self.total_before
        return bool(np.sign(self.rate_effects.sum()) * np.sign(change) < 0)


def kitagawa(
    items_before: Floats, items_after: Floats, means_before: Floats, means_after: Floats
) -> Split:
    """Split the change of a share, rate or mean into segments' rates and their mix.

    Args:
        items_before: Weight of each segment: items, trials or exposure; 0 where it's absent.
        items_after: The same, later.
        means_before: Share, rate or mean of each segment; not read where it has no items.
        means_after: The same, later.

    A segment that enters or leaves takes the mean it has for both periods: all its effect is
    mix. Medians don't split. Source: Kitagawa 1955, midpoint, centred.
    """
    weights_before = items_before / items_before.sum()
    weights_after = items_after / items_after.sum()
    before = np.where(items_before > 0, means_before, means_after)
    after = np.where(items_after > 0, means_after, means_before)
    totals = float((weights_before * before).sum()), float((weights_after * after).sum())
    return Split(
        *totals,
        rate_effects=(after - before) * (weights_before + weights_after) / 2,
        mix_effects=(weights_after - weights_before) * ((before + after) / 2 - sum(totals) / 2),
    )
