"""Studies made in code, with the records of runs that were never trained."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from suite.judge.assess import ClaimResult, assess
from suite.metrics.reduce import metric, protocol
from suite.report.evidence import Evidence, gather
from suite.report.regenerate import Again
from suite.report.write import write_report
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Condition, Run
from suite.store import series as series_file
from suite.store.arrays import arrays_as_bytes
from suite.store.files import write
from suite.store.record import Code, Cost, Environment, Measured, Outcome, Record
from suite.store.series import series_of
from suite.store.sheets import sheet_png
from suite.store.store import Store
from suite.study import Study

HOSTILE = (
    """<script>document.title = "taken"</script> & 'quoted' | {{ 7 * 7 }} $x_1$ 100 % """
    "<img src=x onerror=alert(1)>"
)
GP = schema.Paper(
    id="gulrajani2017",
    title="Improved Training of Wasserstein GANs",
    authors="Gulrajani et al.",
    year=2017,
    venue="NIPS",
    url="https://arxiv.org/abs/1704.00028",
    bibtex="@inproceedings{gulrajani2017,\n  title={Improved Training of {W}asserstein {GAN}s}\n}",
)
WGAN = schema.Paper(
    id="arjovsky2017",
    title="Wasserstein GAN",
    authors="Arjovsky, Chintala, Bottou",
    year=2017,
    venue="ICML 2017",
    url="https://arxiv.org/abs/1701.07875",
    bibtex="@inproceedings{arjovsky2017}",
    notes=HOSTILE,
)
ENVIRONMENT = Environment(
    python="3.11.2",
    platform="Linux",
    processor="Some CPU",
    cores=2,
    device="cpu",
    threads=1,
    deterministic=True,
    packages={"numpy": "2.0.0", "torch": "2.11.0"},
)
Readings = Mapping[str, Series]
Maker = Callable[[Run, np.random.Generator], Readings]


def setting(**changes: Any) -> schema.Setting:
    """A setting with small probes, the given keys changed."""
    base = schema.Setting(
        data=schema.SwissRoll(),
        generator=schema.NoisyData(),
        critic=schema.MLPCritic(layers=12, width=64),
        loss="wasserstein",
        constraint=schema.Clip(bound=0.01),
        optimizer=schema.RMSProp(lr=5e-5),
        batch_size=64,
        iterations=1000,
        probes=schema.Probes(surface=schema.Surface(points=0, grid=41, extent=2.0)),
    )
    return msgspec.structs.replace(base, **changes)


PENALTY: dict[str, Any] = {
    "constraint": schema.GradientPenalty(),
    "optimizer": schema.Adam(lr=1e-4, betas=(0.5, 0.9)),
}


def gradient_norms() -> schema.Experiment:
    """Thresholds and orderings: every verdict, controls, a criterion that changed."""
    lower: dict[str, Any] = {"metric": "slope", "looks": (6,)}
    null = schema.Control(expect="fails", metric="slope_at_start", says="the slope before the first step")
    return schema.Experiment(
        id="wgan-gp/gradient-norms",
        title="Gradient norms by layer",
        paper="gulrajani2017",
        figure="1b",
        notes="Width 64 stands for 512.",
        arms={
            "clip 0.1": setting(constraint=schema.Clip(bound=0.1)),
            "clip 0.01": setting(),
            "penalty": setting(**PENALTY),
        },
        metrics={
            "slope": schema.Metric(
                series="gradient_norms.slope", unit="decades per layer", says="slope of the gradient norm"
            ),
            "slope_at_start": schema.Metric(series="gradient_norms.slope", reduce="first"),
        },
        claims={
            "explodes": schema.Claim(
                says="Clipping at 0.1 makes the gradient grow toward the input.",
                kind="threshold",
                better="higher",
                arm="clip 0.1",
                margin=0.15,
                controls={"untrained": null},
                source="section 3.2, figure 1b left",
                paper_value="grows exponentially",
                note=HOSTILE,
                **lower,
            ),
            "vanishes": schema.Claim(
                says="Clipping at 0.01 makes it shrink, against the penalty.",
                kind="ordering",
                better="lower",
                arm="clip 0.01",
                versus="penalty",
                margin=0.3,
                **lower,
            ),
            "flat": schema.Claim(
                says="With the penalty it stays.",
                kind="equivalence",
                arm="penalty",
                margin=0.1,
                **lower,
            ),
            "steep": schema.Claim(
                says="The penalty makes it grow, too.",
                kind="threshold",
                better="higher",
                arm="penalty",
                margin=0.2,
                **lower,
            ),
            "vague": schema.Claim(
                says=HOSTILE,
                kind="threshold",
                better="higher",
                arm="penalty",
                margin=0.04,
                metric="slope",
                looks=(6, 12),
            ),
            "later": schema.Claim(
                says="With more seeds.",
                kind="threshold",
                better="higher",
                arm="penalty",
                metric="slope",
                looks=(20,),
            ),
        },
        figures={
            "norms": schema.Figure(kind="layers", title="Gradient norms by layer"),
            "weights": schema.Figure(kind="histograms", title="Hidden weights"),
            "slopes": schema.Figure(kind="seeds", title="Slopes", y="slope", reference={"no growth": 0.0}),
            "losses": schema.Figure(kind="curves", title="Critic loss", y="losses.critic"),
        },
    )


def gradient_norm_readings(run: Run, rng: np.random.Generator) -> Readings:
    """Slopes of 0.2, -1.2 and 0.04 decades a layer, and what goes with them."""
    gain = {"clip 0.1": 0.2, "clip 0.01": -1.2, "penalty": 0.04}[run.arm]
    slope = gain + 0.02 * ((run.seed * 7) % 5 - 2) / 2
    back = np.arange(11)[::-1]
    norms = np.stack([10.0 ** (gain * share * back + 0.02 * rng.standard_normal(11)) for share in (0.8, 1.0)])
    end = {"clip 0.1": 0.1, "clip 0.01": 0.01}.get(run.arm, 0.4)
    weights = rng.uniform(-1.3, 1.3, 4000).clip(-1, 1) if end < 0.4 else 0.25 * rng.standard_normal(4000)
    counts = np.histogram(end * weights, 41, (-end, end))[0]
    iterations = np.arange(1000)
    falling = np.exp(-iterations / 300) + 0.05 * rng.standard_normal(1000)
    return {
        "gradient_norms.slope": Series(np.array([0, 1000]), np.array([0.01, slope])),
        "gradient_norms.by_layer": Series(np.array([0, 1000]), norms),
        "weight_histogram.counts": Series(np.array([1000]), counts[None].astype(float)),
        "weight_histogram.range": Series(np.array([1000]), np.array([end])),
        "losses.critic": Series(iterations, -falling * (1 + end)),
    }


def saturation() -> schema.Experiment:
    """One-dimensional critics; a rate, with a seed that diverged in the second arm."""
    base: dict[str, Any] = {
        "data": schema.TwoGaussians(),
        "generator": schema.Counterpart(),
        "probes": schema.Probes(surface=schema.Surface(points=0, grid=41, extent=4.0)),
    }
    return schema.Experiment(
        id="wgan/saturation",
        title="Saturation between two Gaussians",
        paper="arjovsky2017",
        figure="2",
        arms={
            "discriminator": setting(**base, loss="minimax", constraint=schema.Unconstrained()),
            "critic": setting(**base),
        },
        metrics={"saturated": schema.Metric(series="fake_gradients.saturated_share")},
        claims={
            "saturates": schema.Claim(
                says="The discriminator saturates.",
                kind="rate",
                better="higher",
                metric="saturated",
                arm="discriminator",
                cut=0.5,
                margin=0.5,
                looks=(8,),
            ),
            "does_not": schema.Claim(
                says="The critic saturates less.",
                kind="ordering",
                better="lower",
                metric="saturated",
                arm="critic",
                versus="discriminator",
                margin=0.1,
                looks=(8,),
            ),
        },
        figures={"profiles": schema.Figure(kind="profiles", title="Critics and densities")},
    )


def saturation_readings(run: Run, rng: np.random.Generator) -> Readings:
    """A steep discriminator and a straight critic."""
    x = np.linspace(-4, 4, 41)
    values = -6 * x + rng.standard_normal() if run.arm == "discriminator" else -np.tanh(x / 2)
    share = 0.9 + 0.01 * rng.random() if run.arm == "discriminator" else 0.01 * rng.random()
    return {
        "fake_gradients.saturated_share": Series(np.array([1000]), np.array([share])),
        "surface.values": Series(np.array([1000]), (values + 0.05 * rng.standard_normal(41))[None]),
    }


def surfaces() -> schema.Experiment:
    """A factor that changes the data; contours, samples and a metric against a factor's names."""
    return schema.Experiment(
        id="wgan-gp/value-surfaces",
        title="Value surfaces",
        paper="gulrajani2017",
        figure="1a",
        arms={"clip 0.01": setting(), "penalty": setting(**PENALTY)},
        factors={
            "data": schema.Factor(at="data", values=("eight_gaussians", "swiss_roll"), label="data set")
        },
        metrics={"r2": schema.Metric(series="potential.r2", says="R² against the exact potential")},
        claims={},
        figures={
            "surfaces": schema.Figure(kind="contours", title="Value surfaces", x="data"),
            "one_row": schema.Figure(
                kind="contours", title="On eight Gaussians", where={"data": "eight_gaussians"}
            ),
            "samples": schema.Figure(kind="samples", title="Samples", x="data"),
            "r2": schema.Figure(kind="over", title="Fit by data", y="r2", x="data", reference={"exact": 1.0}),
        },
    )


def surface_readings(run: Run, rng: np.random.Generator) -> Readings:
    """Cones for clipping, waves for the penalty."""
    axis = np.linspace(-2, 2, 41)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    cone = -np.hypot(x - 0.2, y)
    values = (
        cone if run.arm.startswith("clip") else cone + 0.3 * np.cos(4 * np.arctan2(y, x)) * np.hypot(x, y)
    )
    fake = rng.standard_normal((200, 2)) * (0.9 if run.arm == "penalty" else 1.3)
    return {
        "surface.values": Series(np.array([1000]), values[None]),
        "quality.samples": Series(np.array([1000]), fake[None]),
        "potential.r2": Series(np.array([1000]), np.array([0.5 + 0.4 * rng.random()])),
    }


def distances() -> schema.Experiment:
    """A numeric factor: a trend, an identity, and runs that diverged."""
    base: dict[str, Any] = {"data": schema.ParallelLines(), "generator": schema.Shift(), "batch_size": 32}
    return schema.Experiment(
        id="wgan/parallel-lines",
        title="Distances of parallel lines",
        paper="arjovsky2017",
        figure="1",
        arms={"critic": setting(**base), "discriminator": setting(**base, loss="minimax")},
        factors={"theta": schema.Factor(at="data.theta", values=(0.25, 0.5, 1.0, 2.0), label="distance θ")},
        metrics={
            "estimate": schema.Metric(series="divergences.w_estimate", says="estimate", unit="nats"),
        },
        claims={
            "rises": schema.Claim(
                says="The estimate rises with the distance.",
                kind="trend",
                better="higher",
                metric="estimate",
                arm="critic",
                over="theta",
                statistic="log_log_slope",
                margin=0.5,
                looks=(6,),
            ),
            "is_log_two": schema.Claim(
                says="The divergence is log 2.",
                kind="identity",
                metric="estimate",
                arm="discriminator",
                where={"theta": 1.0},
                target=0.6931,
                margin=0.01,
                looks=(6,),
            ),
        },
        figures={
            "against_theta": schema.Figure(
                kind="over",
                title="Estimates against the distance",
                x="theta",
                y="estimate",
                x_scale="log",
                y_scale="symlog",
                reference={"log 2": 0.6931},
            ),
            "missing": schema.Figure(kind="curves", title="Nothing recorded", y="losses.generator"),
        },
    )


def distance_readings(run: Run, rng: np.random.Generator) -> Readings:
    """The distance itself, and log 2."""
    theta = float(run.levels["theta"])
    value = theta * (1 + 0.03 * rng.standard_normal()) if run.arm == "critic" else 0.6931
    return {"divergences.w_estimate": Series(np.array([1000]), np.array([value]))}


def robustness() -> schema.Experiment:
    """Images: methods crossed with architectures, of which one always and one once diverges."""
    changes: dict[str, Any] = {
        "data": schema.Digits(),
        "generator": schema.DCGANGenerator(width=8),
        "probes": schema.Probes(sheet=schema.Sheet(points=2, samples=8)),
    }
    arms = [f"{method}, {generator}" for method in ("GAN", "WGAN") for generator in ("DCGAN", "MLP")]
    return schema.Experiment(
        id="wgan/generator-robustness",
        title="Robustness to the generator",
        paper="arjovsky2017",
        figure="5-7",
        arms={arm: setting(**changes, batch_size=10 + i) for i, arm in enumerate(arms)},
        metrics={"frechet": schema.Metric(series="image_quality.frechet", says="distance")},
        claims={},
        figures={
            "sheets": schema.Figure(kind="sheets", title="Samples", y="frechet", y_label="FD"),
            "one_row": schema.Figure(kind="sheets", title="Samples", arms=("GAN, DCGAN",)),
            "time": schema.Figure(kind="curves", title="Time", y="losses.critic", against="seconds"),
            "time_of_one": schema.Figure(
                kind="curves", title="Time", y="losses.critic", against="seconds", arms=("GAN, DCGAN",)
            ),
        },
    )


def robustness_readings(run: Run, rng: np.random.Generator) -> Readings:
    """Noise whose last frame is as bright as the seed tells."""
    images = rng.integers(0, 256, (3, 8, 256))
    images[-1] = run.seed
    return {
        "losses.critic": Series(np.arange(100), -np.exp(-np.arange(100) / 30)),
        "image_quality.frechet": Series(np.array([1000]), np.array([run.seed + 20.0])),
        "sheet.images": Series(np.array([0, 500, 1000]), images),
    }


def text_readings(run: Run, _: np.random.Generator) -> Readings:
    """A line with the run's seed first, then a hostile one with a character that cannot be printed."""
    pages = [[f"{run.seed} {when}".ljust(len(HOSTILE) + 1), f"{HOSTILE}\0"] for when in ("early", "late")]
    points = np.array([[[float(ord(c)) for c in line] for line in page] for page in pages])
    return {"text.lines": Series(np.array([0, 1000]), points)}


def record(study: Study, run: Run, readings: Readings, diverged: bool, criteria: dict[str, str]) -> Record:
    """The record of a run with these readings."""
    scalars = {name: each for name, each in readings.items() if each.values.ndim == 1}
    measured = {
        name: Measured(None if diverged else metric(spec, scalars), protocol(spec, run.setting.probes))
        for name, spec in study.experiment.metrics.items()
    }
    return Record(
        run=run,
        code=Code("f" * 12, "0123456789abcdef", "feedfacecafe"),
        environment=ENVIRONMENT,
        started="2025-01-01T00:00:00+00:00",
        ended="2025-01-01T00:01:00+00:00",
        outcome=Outcome("diverged", 500) if diverged else Outcome("finished"),
        cost=Cost(2.5, 3e9, 6),
        metrics=measured,
        criteria=criteria,
        digest=f"{run.seed:064d}",
    )


def diverges(condition: Condition, seed: int) -> bool:
    """One seed of the one-dimensional critic, one of the discriminator at theta = 2, the first of
    the GAN with an MLP, and all of the WGAN with one.
    """
    if condition.arm in ("GAN, MLP", "WGAN, MLP"):
        return seed == 10 or condition.arm == "WGAN, MLP"
    lost = condition.arm == "critic" and not condition.levels
    return seed == 12 and (lost or (condition.arm == "discriminator" and condition.levels == {"theta": 2.0}))


def fill(store: Store, study: Study, seeds: int, make: Maker, criteria: dict[str, str]) -> None:
    """Write what ``seeds`` runs of each condition would have left."""
    for condition in study.conditions:
        for run in study.runs(condition, seeds):
            diverged = diverges(condition, run.seed)
            readings = make(run, np.random.default_rng(run.seed))
            folder = store.folder(run.id)
            arrays: dict[str, Any]
            arrays = {k: v.values.astype(np.float32) for k, v in readings.items() if v.values.ndim > 1}
            scalars = {k: v for k, v in readings.items() if v.values.ndim == 1}
            if lines := readings.get("text.lines"):
                arrays["text.lines:iterations"] = lines.iterations
            if pictures := readings.get("sheet.images"):
                arrays["sheet.images:iterations"] = pictures.iterations
                film = sheet_png(pictures.values.astype(np.uint8), (16, 16, 1))
                write(folder.path / "sheet.png", film)
            write(folder.path / "arrays.npz", arrays_as_bytes(arrays))
            write(folder.path / "series.parquet", series_file.encode(scalars))
            folder.finish(record(study, run, readings, diverged, criteria))


def study_of(paper: schema.Paper, experiment: schema.Experiment, *overrides: str) -> Study:
    """A study at desk scale."""
    return Study(paper, experiment, "desk", overrides, Path("experiments") / f"{experiment.id}.yaml")


@pytest.fixture(scope="session")
def studies() -> list[Study]:
    """Five studies of two papers, one with an override."""
    return [
        study_of(GP, gradient_norms()),
        study_of(GP, surfaces()),
        study_of(WGAN, saturation(), "critic.width=64", "optimizer.betas=[0.5, 0.9]"),
        study_of(WGAN, distances()),
        study_of(WGAN, robustness()),
    ]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, studies: list[Study]) -> Store:
    """A store with the runs of the five studies; never written to by a test."""
    made = Store(tmp_path_factory.mktemp("results"), "f" * 12)
    makers = [gradient_norm_readings, surface_readings, saturation_readings]
    makers += [distance_readings, robustness_readings]
    for study, seeds, make in zip(studies, (6, 3, 8, 6, 3), makers, strict=True):
        fill(made, study, seeds, make, study.criteria | {"steep": "another"})
    return made


@pytest.fixture(scope="session")
def evidence(studies: list[Study], store: Store) -> list[Evidence]:
    """What there is of each study."""
    return gather(studies, store)


@pytest.fixture(scope="session")
def results(studies: list[Study], store: Store) -> list[ClaimResult]:
    """The verdicts of all claims."""
    records = store.records()
    return [r for study in studies for r in assess(study, records, lambda run: series_of(store, run))]


@pytest.fixture(scope="session")
def hostile() -> str:
    """Text that is harmless only where it is escaped."""
    return HOSTILE


@pytest.fixture
def hostile_evidence(tmp_path: Path) -> Evidence:
    """A study with sheets of an arm whose name is hostile."""
    experiment = robustness()
    some = experiment.arms["GAN, DCGAN"]
    study = study_of(WGAN, msgspec.structs.replace(experiment, arms={HOSTILE: some}, figures={}))
    store = Store(tmp_path, "f" * 12)
    fill(store, study, 1, robustness_readings, {})
    return gather([study], store)[0]


@pytest.fixture
def text_evidence(tmp_path: Path) -> Evidence:
    """A study with lines, hostile ones, of an arm whose name is; and of an arm that always diverges."""
    some = setting(data=schema.Grammar(), probes=schema.Probes(text=schema.TextSamples(points=1, samples=2)))
    arms = {HOSTILE: some, "WGAN, MLP": setting(data=schema.Grammar(), probes=some.probes, batch_size=8)}
    study = study_of(GP, msgspec.structs.replace(robustness(), arms=arms, metrics={}, figures={}))
    store = Store(tmp_path, "f" * 12)
    fill(store, study, 2, text_readings, {})
    return gather([study], store)[0]


@pytest.fixture
def empty_evidence(studies: list[Study], tmp_path: Path) -> list[Evidence]:
    """The five studies before any run."""
    return gather(studies, Store(tmp_path, "f" * 12))


@pytest.fixture(scope="session")
def report(
    tmp_path_factory: pytest.TempPathFactory, studies: list[Study], results: list[ClaimResult], store: Store
) -> Path:
    """The folder of a written report."""
    folder = tmp_path_factory.mktemp("report")
    return write_report(
        studies, results, store, folder, Again("uv run run_suite.py report --scale desk")
    ).parent
