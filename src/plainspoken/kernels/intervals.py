"""How sure a share is, and the difference of two: intervals at 95 %. Pure.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
Statistical Association 22 (1927), 209–212, for a share: it never leaves 0 to 1 and holds for few observations.
R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven methods",
Statistics in Medicine 17 (1998), 873–890, method 10, for the difference of two.
"""

from math import sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


def of_share(share: float, n: int) -> tuple[float, float]:
    """Lowest and highest, 0 to 1, of a share (0 to 1) that was seen in `n` observations, at least one."""
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    half = Z95 / (1 + Z95**2 / n) * sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    # At 0 and at 1 one limit is the share itself; rounding must not put it beside.
    low = 0.0 if share == 0.0 else min(share, max(0.0, middle - half))
    high = 1.0 if share == 1.0 else max(share, min(1.0, middle + half))
    return low, high


def of_difference(after: float, n: int, before: float, m: int) -> tuple[float, float]:
    """Lowest and highest, -1 to 1, of `after` minus `before`: shares of `n` and of `m` observations, at least one each."""
    (low_a, high_a), (low_b, high_b) = of_share(after, n), of_share(before, m)
    low = after - before - sqrt((after - low_a) ** 2 + (high_b - before) ** 2)
    high = after - before + sqrt((high_a - after) ** 2 + (before - low_b) ** 2)
    return max(-1.0, low), min(1.0, high)
