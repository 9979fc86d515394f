"""Made-up comparisons with series and arrays, for tests of their page."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from suite.compare.compare import Comparison
from suite.compare.side import Arrays
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.seal import Flaw, Problem
from suite.study import Study
from tests.compare.versions import ABOVE, ended, held_against, spread, study, version
from tests.training.settings import setting

HOSTILE = (
    """<script>document.title = "taken"</script> & 'x' {{ 7 * 7 }} $x_1$ 100 % <img src=x onerror=alert(1)>"""
)
ITERATIONS = np.arange(50)
SIDE = 9
"""Points along a side of a surface."""
FIGURES = {
    "curve": schema.Figure(kind="curves", title="Losses", y="losses.critic"),
    "dots": schema.Figure(kind="seeds", title="Losses by arm", y="loss"),
    "norms": schema.Figure(kind="layers", title="Norms"),
    "weights": schema.Figure(kind="histograms", title="Weights"),
    "surfaces": schema.Figure(kind="contours", title="Surfaces"),
    "points": schema.Figure(kind="samples", title="Points"),
    "sheets": schema.Figure(kind="sheets", title="Sheets", y="loss"),
}
LINES = {
    "lines": schema.Figure(kind="profiles", title="Critics"),
    "over": schema.Figure(kind="over", title="Loss by rate", y="loss", x="rate"),
}
BY_RATE: dict[str, Any] = {
    "factors": {"rate": schema.Factor(at="optimizer.lr", values=(0.001, 0.01, 0.1))},
    "claims": {
        "claim": msgspec.structs.replace(ABOVE, kind="trend", over="rate", statistic="slope", margin=0.0)
    },
    "figures": LINES,
}


def seed_of(run_id: str) -> int:
    """The seed in a run's id."""
    return int(run_id.rsplit(".s", 1)[1].split(".")[0])


def level_of(run_id: str, shift: float) -> float:
    """Where a run's curve lies."""
    return shift + seed_of(run_id) / 10


def series(shift: float) -> Callable[[str], Mapping[str, Series]]:
    """Straight curves: the iteration, and a level that depends on the seed."""

    def of(run_id: str) -> Mapping[str, Series]:
        values = level_of(run_id, shift) + ITERATIONS.astype(float)
        return {
            "losses.critic": Series(ITERATIONS, values),
            "weight_histogram.range": Series(ITERATIONS[-1:], np.array([1.0 + shift])),
        }

    return of


def arrays(shift: float, *, flat: bool = False) -> Callable[[str], Arrays]:
    """What runs record as arrays; ``flat``: the surface is a line."""

    def of(run_id: str) -> Arrays:
        rng = np.random.default_rng(seed_of(run_id))
        y, x = np.meshgrid(*[np.linspace(-2, 2, SIDE)] * 2, indexing="ij")
        surface = np.linspace(-1, 1, SIDE) ** 3 if flat else np.hypot(x - shift, y)
        return {
            "gradient_norms.by_layer": 10.0 ** (shift + np.arange(6.0))[None],
            "weight_histogram.counts": np.arange(1.0, 12.0)[None],
            "surface.values": surface[None],
            "quality.samples": rng.standard_normal((1, 40, 2)),
        }

    return of


def compared(
    of: Study, shift: float = 0.5, only: Callable[[Run], bool] = lambda run: True, *, flat: bool = False
) -> Comparison:
    """Two versions of a study whose chosen runs differ by a shift."""
    old = version(of, spread(3))
    new = version(of, lambda run: spread(3)(run) + shift * only(run), name="b" * 12)
    found = held_against(of, old, new, (series(0.0), series(shift)))
    before, after = found.before, found.after
    return found._replace(
        before=before._replace(arrays_of=arrays(0.0, flat=flat)),
        after=after._replace(arrays_of=arrays(shift, flat=flat)),
    )


def shown() -> Comparison:
    """A comparison with every kind of picture, a run that diverges, a record that does not count, and
    text that is harmless only where it is escaped.
    """
    claim = msgspec.structs.replace(ABOVE, says=HOSTILE)
    figures = {**FIGURES, "hostile": msgspec.structs.replace(FIGURES["curve"], title=HOSTILE)}
    of = study(
        arms={"a": setting(), "b": setting(loss="minimax"), "c": setting(loss="least_squares")},
        claims={
            "claim": claim,
            "other": msgspec.structs.replace(claim, arm="b", margin=2.0),
            "same": msgspec.structs.replace(claim, arm="c"),
        },
        figures=figures,
    )
    found = compared(of, -2.5, lambda run: run.arm != "c")
    first = next(name for name in found.after.records if ".b.s11" in name)
    after = {**found.after.records, first: ended(found.after.records[first], "diverged")}
    again = held_against(of, found.before.records, after, (series(0.0), series(-2.5)))
    problem = Problem(Path("results/runs/x") / "y" / "record.json", Flaw("edited", HOSTILE))
    return again._replace(
        before=found.before._replace(label=HOSTILE),
        after=again.after._replace(arrays_of=arrays(-2.5), problems=(problem,), name=HOSTILE),
    )
