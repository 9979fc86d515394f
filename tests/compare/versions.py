"""Made-up results of two versions of the code, for tests of their comparison."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from suite.compare.claims import ClaimChange
from suite.compare.compare import Comparison, compare
from suite.compare.noise import Floors
from suite.compare.side import SeriesOf, Side
from suite.metrics.reduce import protocol
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.record import Code, Measured, Outcome, Record, State
from suite.study import Study
from tests.launch.records import record
from tests.training.settings import setting

PAPER = schema.Paper(id="p", title="", authors="", year=2020, venue="", url="", bibtex="")
LOSS = schema.Metric(series="losses.critic")
ABOVE = schema.Claim(
    says="a is above 1", kind="threshold", metric="loss", arm="a", better="higher", margin=1.0, looks=(6, 12)
)
COMMITS = [("c" * 40, "Turn the penalty round")]

Level = Callable[[Run], float]


def study(*, scale: schema.Scale = "desk", overrides: tuple[str, ...] = (), **fields: Any) -> Study:
    """Two arms, one metric, and a claim that a's is above 1."""
    experiment = schema.Experiment(
        id="p/test",
        title="",
        paper="p",
        **{
            "arms": {"a": setting(), "b": setting(loss="minimax")},
            "metrics": {"loss": LOSS},
            "claims": {"claim": ABOVE},
        }
        | fields,
    )
    return Study(PAPER, experiment, scale, overrides, Path("test.yaml"))


def version(
    of: Study, level: Level, seeds: int = 6, name: str = "a" * 12, **fields: Any
) -> dict[str, Record]:
    """A version's records of a study's first seeds; its digests follow from the values alone."""
    runs = [run for condition in of.conditions for run in of.runs(condition, seeds)]
    return {run.id: trained(of, run, level(run), name, **fields) for run in runs}


def trained(of: Study, run: Run, value: float, name: str = "a" * 12, **fields: Any) -> Record:
    """One record."""
    held = {
        metric: Measured(value, protocol(spec, run.setting.probes))
        for metric, spec in of.experiment.metrics.items()
    }
    plain = record(run, "finished", held, {f"{of.name}:{key}": rule for key, rule in of.criteria.items()})
    given = {"code": Code(name, name * 3), "digest": f"{value}", **fields}
    return msgspec.structs.replace(plain, **given)


def ended(found: Record, state: State) -> Record:
    """The record as if its run had ended otherwise."""
    step = 3 if state == "diverged" else None
    outcome = Outcome(state, step=step, reason="out of memory" if state == "failed" else "")
    return msgspec.structs.replace(found, outcome=outcome, digest=f"{state}{found.digest}")


def with_environment(found: Mapping[str, Record], **changes: Any) -> dict[str, Record]:
    """The records as if they had been made elsewhere."""
    return {
        name: msgspec.structs.replace(r, environment=msgspec.structs.replace(r.environment, **changes))
        for name, r in found.items()
    }


def between(first: str, last: str) -> list[tuple[str, str]]:
    """The commits between any two."""
    return COMMITS


def held_against(
    of: Study,
    before: Mapping[str, Record],
    after: Mapping[str, Record],
    series: tuple[SeriesOf | None, SeriesOf | None] = (None, None),
    floors: Floors | None = None,
) -> Comparison:
    """The comparison of two versions' records."""
    sides = Side("old", "the old one", before, series[0]), Side("new", "the new one", after, series[1])
    return compare([of], *sides, floors, between)


def claim_of(found: Comparison) -> ClaimChange:
    """The only claim of a comparison."""
    (claim,) = found.claims
    return claim


def spread(middle: float, width: float = 0.1) -> Level:
    """Values around a middle, the same for every seed whenever it is asked for."""
    return lambda run: middle + width * float(np.random.default_rng(run.seed).standard_normal())
