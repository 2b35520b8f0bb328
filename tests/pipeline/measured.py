"""measured.py - what a witness can bound, and what was measured of the same records.

A time that the witness saw lies within bounds: [earliest, latest] for each record. Quantiles keep
such an order: where it holds for each record, the quantile of the earliest is not above that of the
latest. So two sets of bounds for the same records contradict each other when the quantile of one's
latest is below that of the other's earliest.
"""

import math

# A quantile of a histogram is at most so far off: lagcalc/histogram.h.
HISTOGRAM_ERROR = 0.011
ZERO_S = 1e-6
QUANTILES = {"p50_s": 0.5, "p90_s": 0.9, "p99_s": 0.99}
# What is sampled may be unlucky once in a hundred thousand runs.
UNLUCKY = 1e-5


def quantile(values, share):
    """The value of rank ceil(share * count), as a histogram takes it."""
    ordered = sorted(values)
    return ordered[min(max(math.ceil(share * len(ordered)), 1), len(ordered)) - 1]


def rank_slack(samples, records):
    """By how much the share of records below a value may differ between all and the samples
    (Dvoretzky, Kiefer, Wolfowitz); 0 where all were taken."""
    if samples >= records:
        return 0.0
    return math.sqrt(math.log(2 / UNLUCKY) / (2 * samples))


def off(value):
    return HISTOGRAM_ERROR * abs(value) + ZERO_S


def contradictions(low, high, seen, slack=0.0):
    """Sentences. `low` and `high`: {"p50_s": ...} that were measured; `seen`: [(earliest, latest)]
    in seconds, of all records."""
    out = []
    for name, share in QUANTILES.items():
        earliest = quantile([each[0] for each in seen], max(share - slack, 0))
        latest = quantile([each[1] for each in seen], min(share + slack, 1))
        if low[name] - off(low[name]) > latest:
            out.append(f"{name}: measured at least {low[name]:.6f}, seen {latest:.6f} at most")
        if high[name] + off(high[name]) < earliest:
            out.append(f"{name}: measured at most {high[name]:.6f}, seen {earliest:.6f} at least")
    return out
