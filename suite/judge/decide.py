"""What an interval says of a margin."""

from suite.judge.values import Interval, Verdict


def decided(interval: Interval, margin: float) -> Verdict:
    """Reproduced above the margin, refuted below it, both strictly: of a quantity that is better higher."""
    if interval.low > margin:
        return "reproduced"
    return "refuted" if interval.high < margin else "inconclusive"
