"""Labels through training: what is drawn, what is asked for, what the probe says of known generators."""

import numpy as np
import pytest
import torch

from suite.data import images
from suite.metrics.classifier import classifier
from suite.spec import schema
from suite.spec.quantities import QUANTITIES
from suite.spec.runs import Run
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import Draws, critic_draws, generator_draws, steps_of
from suite.training.loop import critic_step, generator_step
from suite.training.probes import PROBES, View
from suite.training.state import start
from tests.training.settings import CPU, image_run, trained

DIGITS = schema.Digits()
LINEAR = schema.MLPCritic(layers=1, width=1)
FREE = schema.Unconstrained()
TOLD = {
    "generator": schema.DCGANGenerator(width=2, latent=4, labels="concatenate"),
    "critic": schema.DCGANCritic(width=2, normalization="none", labels="concatenate"),
}


def first(run: Run) -> Draws:
    return next(steps_of(critic_draws(Cohort.of([run], CPU), 0)))


def by_picture() -> dict[bytes, int]:
    parts = images.labelled(DIGITS)
    return {row.tobytes(): int(y) for row, y in zip(parts.train, parts.train_labels, strict=True)}


def test_labels_are_those_of_the_pictures() -> None:
    draws, truth = first(image_run(**TOLD, batch_size=50)), by_picture()
    assert draws.labels is not None
    assert [truth[row.tobytes()] for row in draws.real[0].numpy()] == draws.labels[0].tolist()


def test_what_plays_no_part_takes_no_room() -> None:
    plain, told, noisy = first(image_run()), first(image_run(**TOLD)), first(image_run(input_noise=0.5))
    assert plain.labels is None
    assert plain.blur.shape == (1, 4, 0)
    assert told.classes.shape == (1, 4, 1)
    assert noisy.blur.shape == plain.real.shape


def test_shuffled_labels_are_fixed_and_as_many_of_each_class() -> None:
    own, shuffled = (images.labels_of(DIGITS, shuffled=each) for each in (False, True))
    np.testing.assert_array_equal(np.bincount(own), np.bincount(shuffled))
    assert 0.05 < (own == shuffled).mean() < 0.15
    runs = [image_run(seed, **TOLD, labels="shuffled", batch_size=200) for seed in (10, 11)]
    seen: dict[bytes, int] = {}
    for run in runs:
        draws = first(run)
        assert draws.labels is not None
        for row, label in zip(draws.real[0].numpy(), draws.labels[0].tolist(), strict=True):
            assert seen.setdefault(row.tobytes(), label) == label
    truth = by_picture()
    agree = np.mean([truth[row] == label for row, label in seen.items()])
    assert agree < 0.25


def test_noise_is_on_real_and_on_generated_images_and_not_the_same() -> None:
    """A linear critic's gradient is the fakes' mean less the real ones', as it sees them."""
    linear = {"critic": LINEAR, "constraint": FREE, "generator": schema.OneEach()}
    run = image_run(**linear, input_noise=0.5, batch_size=10)
    cohort, draws = Cohort.of([run], CPU), first(run)
    move = critic_step(cohort, start(cohort), bounds(cohort), draws)
    fake = torch.from_numpy(images.one_each(DIGITS)) + draws.blur[0]
    expected = fake.mean(0) - draws.real[0].mean(0)
    torch.testing.assert_close(move.gradient.flat[0, :-1], expected, rtol=0, atol=1e-6)
    pictures = {row.tobytes() for row in images.labelled(DIGITS).train}
    assert not pictures & {row.tobytes() for row in draws.real[0].numpy()}
    assert 0.45 < float(draws.blur.std()) < 0.55


def test_the_auxiliary_part_moves_the_generator() -> None:
    """With weight 0 for the generator its step is that of a critic without labels."""
    generator = schema.DCGANGenerator(width=2, latent=4, labels="concatenate")
    critic = schema.DCGANCritic(width=2, normalization="none", labels="auxiliary")
    moved = []
    for weight in (0.0, 1.0):
        changes = {"generator": generator, "critic": critic, "auxiliary": schema.Auxiliary(generator=weight)}
        cohort = Cohort.of([image_run(**changes)], CPU)
        state = start(cohort)
        critic_flat = cohort.critic.split(state.critic)
        critic_flat[-2].mul_(20)  # Class scores that are not all alike.
        before = state.generator.clone()
        generator_step(cohort, state, next(steps_of(generator_draws(cohort, 0))))
        moved.append(state.generator - before)
    assert not torch.allclose(*moved)


def test_a_told_critic_learns_which_label_belongs_to_which_picture() -> None:
    """Real pictures against the same ones with other labels: only the label tells them apart."""
    critic = schema.MLPCritic(layers=3, width=64, activation="leaky_relu", labels="concatenate")
    changes = {"generator": schema.OneEach(), "critic": critic, "constraint": FREE, "loss": "hinge"}
    run = image_run(**changes, batch_size=50, iterations=80, critic_steps=1)
    state, cohort = trained(run), Cohort.of([run], CPU)
    parts = images.labelled(DIGITS)
    x = torch.from_numpy(parts.train[:300])[None]
    truth = torch.from_numpy(parts.train_labels[:300])[None]
    tensors = cohort.critic.split(state.critic)
    right, wrong = (cohort.critic.outputs(tensors, x, y) for y in (truth, (truth + 1) % 10))
    assert right.isfinite().all()
    assert not torch.equal(right, wrong)


def view(run: Run) -> View:
    cohort = Cohort.of([run], CPU)
    return View(cohort, start(cohort), bounds(cohort), torch.float32)


def following(run: Run, samples: int = 100) -> dict[str, float]:
    found = PROBES["label_following"](view(run), schema.LabelFollowing(samples=samples))
    assert found.keys() == QUANTITIES["label_following"].keys()
    return {name: float(value[0]) for name, value in found.items()}


def test_one_real_image_of_each_class_follows_and_does_not_vary() -> None:
    found = following(image_run(generator=schema.OneEach()))
    labels = classifier(DIGITS).read(images.one_each(DIGITS)).probabilities.argmax(1)
    assert found["accuracy"] == (labels == np.arange(10)).mean()
    assert found["diversity"] == 0


def test_images_of_other_classes_do_not_pass_for_variety(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each class's own image, but that every second time the next class's is there."""
    pictures = images.one_each(DIGITS)
    known = classifier(DIGITS).read(pictures).probabilities.argmax(1) == np.arange(10)
    asked = np.arange(100) % 10
    made = pictures[(asked + np.arange(100) // 10 % 2) % 10]
    fakes = torch.from_numpy(made)[None]
    monkeypatch.setattr(View, "fake", lambda self, count, purpose: fakes)
    found = following(image_run(generator=schema.OneEach()))
    assert found["accuracy"] == pytest.approx(known.mean() / 2)
    assert found["diversity"] == 0


def test_an_untrained_generator_follows_by_chance_at_most() -> None:
    found = following(image_run(**TOLD))
    assert found["accuracy"] <= 0.3
    assert found["worst"] == 0


def test_fakes_are_asked_for_each_class_in_turn_and_know_it() -> None:
    seen = view(image_run(**TOLD))
    asked = seen.asked(23)
    assert asked is not None
    assert asked[0].tolist() == [i % 10 for i in range(23)]
    cohort, noise = seen.cohort, torch.zeros(1, 23, 4)
    tensors = cohort.generator.split(seen.state.generator)
    same = cohort.generator.generate(tensors, noise, noise, asked)
    assert len(torch.unique(same[0], dim=0)) == 10


def test_probes_that_score_images_give_a_told_critic_the_images_own_labels() -> None:
    seen = view(image_run(**TOLD))
    truth = by_picture()
    labels = seen.train_labels(30, "discrimination")
    assert labels is not None
    rows = seen.train(30, "discrimination")[0].numpy().astype(np.float32)
    assert [truth[row.tobytes()] for row in rows] == labels[0].tolist()
    parts = images.labelled(DIGITS)
    held = {row.tobytes(): int(y) for row, y in zip(parts.held_out, parts.held_out_labels, strict=True)}
    real = seen.real(30, "validation")[0].numpy().astype(np.float32)
    own = seen.real_labels(30, "validation")
    assert own is not None
    assert [held[row.tobytes()] for row in real] == own[0].tolist()
    for name in ("discrimination", "validation"):
        for value in PROBES[name](seen, getattr(schema, name.capitalize())(samples=20)).values():
            assert np.isfinite(value).all()
