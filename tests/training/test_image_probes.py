"""Probes of images: what they say of sources and critics that are known."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from suite.data import images
from suite.metrics import inception as inception_module
from suite.metrics import labels
from suite.metrics.classifier import classifier
from suite.metrics.frechet import Gaussian, frechet
from suite.metrics.inception import Inception
from suite.metrics.manifold import Manifold, precision_recall
from suite.metrics.score import score
from suite.networks import generators
from suite.spec import schema
from suite.spec.quantities import QUANTITIES
from suite.spec.runs import Run
from suite.streams import stream
from suite.training import image_probes
from suite.training import view as view_module
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.image_probes import QUALITIES
from suite.training.probes import PROBES, View, measure
from suite.training.state import start
from tests.training.settings import CPU, image_run, trained

DIGITS = schema.Digits()
LINEAR = schema.MLPCritic(layers=1, width=1)
FREE = schema.Unconstrained()
EVERY = schema.Probes(
    image_quality=schema.ImageQuality(points=2, samples=40),
    sheet=schema.Sheet(points=2, samples=3),
    truncation=schema.Truncation(points=2, samples=20),
    memorisation=schema.Memorisation(points=2, samples=20),
    spectrum=schema.Spectrum(points=2),
    validation=schema.Validation(points=2, samples=20),
    discrimination=schema.Discrimination(points=2, samples=20),
    quality=schema.Quality(points=2, samples=20),
    potential=schema.Potential(points=2, samples=20),
    interpolates=schema.Interpolates(points=2, samples=20),
    fake_gradients=schema.FakeGradients(points=2, samples=20),
    cross_gradient=schema.CrossGradient(points=2, samples=3),
)
"""All that can look at images and a critic of convolutions, but for Inception."""


def view(*runs: Run, critic: NDArray[Any] | None = None) -> View:
    """Runs before the first iteration, seen by a probe; ``critic`` sets their critics' parameters."""
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)
    if critic is not None:
        state.critic = torch.from_numpy(critic.astype(np.float32)).expand(len(runs), -1)
    return View(cohort, state, bounds(cohort))


def source(generator: schema.Generator, **changes: object) -> View:
    return view(image_run(generator=generator, **changes))


def quality(generator: schema.Generator, samples: int = 100) -> dict[str, float]:
    found = PROBES["image_quality"](source(generator), schema.ImageQuality(samples=samples))
    return {name: float(value[0]) for name, value in found.items()}


def test_qualities_are_those_of_the_metrics_on_the_same_images() -> None:
    disturbed = schema.Disturbed(how="noise", level=0.4)
    each, judge = image_run(generator=disturbed), classifier(DIGITS)
    real = judge.read(images.held_out(DIGITS, 60, "image quality"))
    rng = stream(each.id, "image quality")
    made = images.disturbed(images.sample(DIGITS, rng, 60), (16, 16, 1), "noise", 0.4, rng)
    fake = judge.read(made)
    near, named = (
        precision_recall(Manifold.of(real.features), Manifold.of(fake.features)),
        fake.probabilities.argmax(1),
    )
    expected = {
        "frechet": frechet(Gaussian.of(real.features), Gaussian.of(fake.features)),
        "score": score(fake.probabilities),
        "precision": near.precision,
        "recall": near.recall,
        "classes": labels.classes_covered(named, 10),
        "collapse": labels.label_collapse(named, 10),
        "diversity": labels.diversity(
            labels.spreads(real.features, real.probabilities.argmax(1)), fake.features, named
        ),
    }
    assert quality(disturbed, 60) == pytest.approx(expected, rel=1e-9)


def test_images_of_a_trained_generator_are_judged_in_float32_of_its_own_noise() -> None:
    state = trained(each := image_run(probes=schema.Probes(image_quality=schema.ImageQuality(0, 40))))
    cohort = Cohort.of([each], CPU)
    noise = torch.from_numpy(stream("fed", "image quality").standard_normal((1, 40, 4), dtype=np.float32))
    tensors = cohort.generator.split(state.generator)
    made = cohort.generator.generate(tensors, noise, noise)[0].numpy()
    real = classifier(DIGITS).features(images.held_out(DIGITS, 40, "image quality"))
    assert state.log.iterations["image_quality.frechet"] == [3]
    found = float(state.log.values["image_quality.frechet"][0][0])
    assert found == pytest.approx(
        frechet(Gaussian.of(real), Gaussian.of(classifier(DIGITS).features(made))), rel=1e-9
    )


def test_a_point_is_collapse() -> None:
    found = quality(schema.Point())
    assert found["collapse"] == 1
    assert found["classes"] == 1
    assert found["score"] == pytest.approx(1)
    assert found["diversity"] == pytest.approx(0, abs=1e-9)
    assert found["recall"] < 0.1


def test_fresh_images_are_as_good_as_can_be_and_noise_is_worse() -> None:
    fresh, spoiled = quality(schema.Resampled(), 400), quality(schema.Disturbed(level=0.5), 400)
    assert fresh["frechet"] < 0.1 * spoiled["frechet"]
    assert min(fresh["precision"], fresh["recall"]) > 0.75 > 3 * spoiled["precision"]
    assert fresh["classes"] == 10
    assert fresh["collapse"] < 0.02
    assert fresh["score"] > 8
    assert fresh["diversity"] == pytest.approx(1, abs=0.1)


def test_an_undisturbed_image_is_a_fresh_one() -> None:
    """Level 0 draws as resampling does; only the runs' names, and so their streams, differ."""
    seen = source(schema.Disturbed(level=0.0))
    expected = images.sample(DIGITS, stream(seen.cohort.runs[0].id, "sheet"), 5)
    np.testing.assert_array_equal(seen.fake(5, "sheet")[0], expected)


def test_one_image_of_each_class_fools_the_score_and_not_diversity() -> None:
    found, fresh = quality(schema.OneEach()), quality(schema.Resampled())
    assert found["classes"] == 10
    assert found["collapse"] == pytest.approx(0)
    assert found["score"] >= fresh["score"]
    assert found["diversity"] == pytest.approx(0, abs=1e-9)
    assert found["recall"] < 0.5 * fresh["recall"]


def test_fixed_sources_of_images_differ_between_seeds() -> None:
    """With toys nothing but the critic's start differs; here a quality would have no spread at all."""
    for drawn in (schema.Resampled(), schema.Disturbed(level=0.1), schema.NoisyData()):
        both = view(image_run(10, generator=drawn), image_run(11, generator=drawn)).fake(10, "sheet")
        assert not torch.equal(both[0], both[1])
    fixed = view(image_run(10, generator=schema.OneEach()), image_run(11, generator=schema.OneEach()))
    assert torch.equal(*fixed.fake(10, "sheet"))
    assert torch.equal(*fixed.real(10, "sheet"))


# --- Sheets ---------------------------------------------------------------------------


def test_a_sheet_is_of_whole_grey_levels() -> None:
    """Of real images: the very bytes of the data set."""
    seen = source(schema.Resampled())
    found = PROBES["sheet"](seen, schema.Sheet(samples=6))["images"]
    rows = stream(seen.cohort.runs[0].id, "sheet").integers(1197, size=6)
    np.testing.assert_array_equal(found[0], images.load(DIGITS).train[rows].reshape(6, -1))


def test_a_sheet_stays_within_the_grey_levels_whatever_the_generator_makes() -> None:
    loud = schema.MLPGenerator(layers=1, width=1, latent=4, initialization=schema.NormalInit(deviation=9))
    found = PROBES["sheet"](source(loud), schema.Sheet(samples=6))["images"]
    assert (found.min(), found.max()) == (0, 255)
    np.testing.assert_array_equal(found, found.round())


def test_a_sheet_shows_the_same_noise_at_every_point() -> None:
    """The generator is frozen after the third of six iterations: from then on the pictures stay."""
    probes = schema.Probes(sheet=schema.Sheet(points=6, samples=4))
    optimizer = schema.Adam(lr=0.02)
    log = trained(image_run(iterations=6, freeze_at=3, probes=probes, optimizer=optimizer)).log
    first, *others = (sheet[0] for sheet in log.values["sheet.images"])
    assert len(others) == 6
    assert not np.array_equal(first, others[1])
    for later in others[3:]:
        np.testing.assert_array_equal(later, others[2])


# --- The critic on training, held-out and generated images ----------------------------


def contrast(samples: int, scale: float = 1.0, seen: View | None = None, **changes: object) -> View:
    """A linear critic of the mean picture of its own training samples less that of its fakes, zero
    halfway between the two.
    """
    each = image_run(critic=LINEAR, generator=schema.Disturbed(level=0.9), constraint=FREE, **changes)
    seen = view(each)
    real, fake = (t[0].mean(0).numpy() for t in (seen.train(samples, "any"), seen.fake(samples, "any")))
    slope = scale * (real - fake)
    return view(each, critic=np.append(slope, -slope @ (real + fake) / 2))


def test_validation_of_a_linear_critic() -> None:
    seen = contrast(50)
    flat = seen.state.critic[0].double().numpy()
    train = images.sample(DIGITS, stream("training", "validation"), 30) @ flat[:-1]
    held_out = images.held_out(DIGITS, 30, "validation") @ flat[:-1]
    fake = seen.fake(30, "validation")[0].numpy() @ flat[:-1]
    found = PROBES["validation"](seen, schema.Validation(samples=30))
    expected = train.mean() - fake.mean(), held_out.mean() - fake.mean()
    assert (found["train"][0], found["held_out"][0]) == pytest.approx(expected)
    assert found["gap"][0] == pytest.approx(train.mean() - held_out.mean())
    assert found["relative_gap"][0] == pytest.approx(1 - expected[1] / expected[0])


def test_validation_is_of_the_runs_own_loss() -> None:
    found = PROBES["validation"](contrast(50, scale=0.0, loss="minimax"), schema.Validation(samples=30))
    assert found["train"][0] == found["held_out"][0] == pytest.approx(-2 * np.log(2))
    assert found["gap"][0] == found["relative_gap"][0] == 0


def test_the_share_of_nothing_is_not_a_number() -> None:
    found = PROBES["validation"](contrast(50, scale=0.0), schema.Validation(samples=30))
    assert found["gap"][0] == 0
    assert np.isnan(found["relative_gap"][0])


def test_training_images_are_those_of_the_limit() -> None:
    seen = source(schema.Resampled(), data=schema.Digits(limit=2))
    assert len(torch.unique(seen.train(40, "validation")[0], dim=0)) == 2
    assert len(torch.unique(seen.real(40, "validation")[0], dim=0)) == 40


def test_a_separating_critic_tells_all_images_apart() -> None:
    found = PROBES["discrimination"](contrast(200, scale=10.0), schema.Discrimination(samples=100))
    assert found["accuracy"][0] == 1
    assert found["js_estimate"][0] == pytest.approx(np.log(2), abs=1e-6)
    wrong = PROBES["discrimination"](contrast(200, scale=-10.0), schema.Discrimination(samples=100))
    assert wrong["accuracy"][0] == 0


# --- All of them -----------------------------------------------------------------------


@pytest.fixture
def inception(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any, int]]:
    """Stands in for the network that few machines have, which sees the pixels; what it was asked."""
    asked: list[tuple[Any, Any, int]] = []
    image_probes._seen_by_inception.cache_clear()

    def measured(real: NDArray[Any], fake: NDArray[Any], splits: int) -> Inception:
        asked.append((real, fake, splits))
        return Inception(1.0 * len(asked), 2.0, 4.0)

    monkeypatch.setattr(inception_module, "inception", measured)
    monkeypatch.setattr(inception_module, "see", lambda pixels: pixels)
    return asked


def test_inception_gets_pictures(inception: list[tuple[Any, Any, int]]) -> None:
    seen = view(image_run(10), image_run(11))
    found = PROBES["inception"](seen, schema.Inception(samples=6, splits=3))
    assert {name: value.tolist() for name, value in found.items()} == {
        "fid": [1, 2],
        "is": [2, 2],
        "kid": [4, 4],
    }
    for replica, (real, fake, splits) in enumerate(inception):
        assert real.shape == fake.shape == (6, 16, 16, 1)
        assert splits == 3
        expected = images.held_out(DIGITS, 6, "inception").reshape(6, 16, 16, 1)
        np.testing.assert_array_equal(real, expected)
        np.testing.assert_array_equal(fake.reshape(6, -1), seen.fake(6, "inception")[replica])


def test_real_images_are_seen_once_and_none_of_them_twice(inception: list[tuple[Any, Any, int]]) -> None:
    seen = view(image_run(10), image_run(11))
    there = len(images.load(DIGITS).held_out)
    for _ in range(2):
        PROBES["inception"](seen, schema.Inception(samples=there + 1))
    assert all(real is inception[0][0] and len(fake) == there + 1 for real, fake, _ in inception)
    assert len(np.unique(inception[0][0].reshape(there, -1), axis=0)) > 0.99 * there


@pytest.mark.parametrize("count", [6, 7])
def test_many_images_are_made_and_judged_piece_by_piece(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is a batch; where samples do not depend on each other, nothing else changes."""
    monkeypatch.setattr(view_module, "AT_ONCE", 3)
    plain = schema.DCGANGenerator(width=2, latent=4, kernel=4, normalization="none")
    for generator in (plain, schema.DCGANGenerator(width=2, latent=4, kernel=4)):
        seen = source(generator)
        made = seen.fake(count, "sheet")
        noise = torch.from_numpy(generators.draw(seen.cohort.setting, stream("fed", "sheet"), count))
        tensors = seen.cohort.generator.split(seen.state.generator.double())
        parts = noise[None].double().chunk(-(-count // 3), dim=1)
        whole = torch.cat([seen.cohort.generator.generate(tensors, part, part) for part in parts], 1)
        torch.testing.assert_close(made, whole)
        at_once = seen.cohort.generator.generate(tensors, noise[None].double(), noise[None])
        assert torch.allclose(made, at_once) == (generator is plain)
        parts = made.chunk(-(-count // 3), dim=1)
        scores = torch.cat([seen.cohort.critic.outputs(seen.tensors, part) for part in parts], 1)
        torch.testing.assert_close(seen.scores(made), scores)


def test_every_probe_says_what_the_vocabulary_says(inception: list[tuple[Any, Any, int]]) -> None:
    probes = schema.Probes(
        image_quality=schema.ImageQuality(samples=10),
        sheet=schema.Sheet(),
        validation=schema.Validation(samples=10),
        inception=schema.Inception(samples=10),
    )
    log = trained(image_run(10, probes=probes), image_run(11, probes=probes)).log
    scalars = {name for name, values in log.values.items() if values[-1].shape == (2,)}
    here = ("losses", "image_quality", "sheet", "validation", "inception")
    assert scalars == {f"{probe}.{quantity}" for probe in here for quantity in QUANTITIES[probe]}
    assert set(QUALITIES) == QUANTITIES["image_quality"].keys()


def test_a_diverged_replica_is_measured_as_nan_and_spoils_no_other() -> None:
    runs = [image_run(10, probes=EVERY), image_run(11, probes=EVERY)]
    cohort = Cohort.of(runs, CPU)
    state, sound = start(cohort), start(cohort)
    state.critic[0] = state.generator[0] = float("nan")
    for each in (state, sound):
        measure(cohort, each, bounds(cohort))
    scalars = {name: value[0] for name, value in state.log.values.items() if value[0].ndim == 1}
    for name, value in scalars.items():
        assert np.isnan(value[0]), name
        np.testing.assert_array_equal(value[1], sound.log.values[name][0][1], err_msg=name)
        assert np.isfinite(value[1]), name
    sheet = state.log.values["sheet.images"][0]
    assert (sheet[0] == 0).all()
    np.testing.assert_array_equal(sheet[1], sound.log.values["sheet.images"][0][1])


def test_probes_do_not_change_a_result() -> None:
    blind, sighted = image_run(), image_run(probes=EVERY)
    # The run watched: its id, and so its streams, must be those of the blind one.
    named = type("Watched", (Run,), {"id": property(lambda _: blind.id)})
    watched = trained(named(**{name: getattr(sighted, name) for name in sighted.__struct_fields__}))
    state = trained(blind)
    assert torch.equal(watched.critic, state.critic)
    assert torch.equal(watched.generator, state.generator)
    assert len(watched.log.values["image_quality.frechet"]) == 3
