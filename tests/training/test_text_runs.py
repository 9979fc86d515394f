"""Runs on text: the same bits in any company, what their probes say, and what is trained on."""

import numpy as np
import pytest
import torch

from suite.data import text
from suite.launch.batches import shape
from suite.launch.estimate import seconds
from suite.launch.flops import flops_of_run
from suite.launch.memory import megabytes
from suite.metrics.ngrams import divergence, ngrams
from suite.networks import blocks
from suite.networks import text as architectures
from suite.spec import schema
from suite.spec.quantities import QUANTITIES
from suite.spec.runs import Run
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.probes import PROBES, View
from suite.training.state import start
from suite.training.view import host
from tests.training.settings import CPU, assert_same, resumed, run, stopped, trained

GAN = {"loss": "non_saturating", "constraint": schema.Unconstrained()}
GRAMMAR = schema.Grammar(length=8)
PROBED = schema.Probes(
    ngrams=schema.NGrams(points=2, samples=30, reference=200), text=schema.TextSamples(points=2, samples=3)
)
CASES = {
    "penalty": {},
    "gan": GAN,
    "clip": {"constraint": schema.Clip(bound=0.05)},
    "no blocks": {"generator": schema.TextGenerator(width=5, latent=3, blocks=0)},
    "wide": {"critic": schema.TextCritic(width=40, blocks=1), "batch_size": 3},
    "one channel": {
        "generator": schema.TextGenerator(width=1, latent=1, blocks=1),
        "critic": schema.TextCritic(width=1, blocks=1),
    },
    "perceptron": {"critic": schema.MLPCritic(layers=2, width=8)},
    "fixed": {"generator": schema.Unigram()},
}


def text_run(seed: int = 10, arm: str = "arm", **changes: object) -> Run:
    small: dict[str, object] = {
        "data": GRAMMAR,
        "generator": schema.TextGenerator(width=6, latent=4, blocks=1),
        "critic": schema.TextCritic(width=6, blocks=1),
        "batch_size": 4,
        "iterations": 3,
    }
    return run(seed, arm, **{**small, **changes})


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_the_same_alone_and_in_any_company(case: str) -> None:
    runs = [text_run(seed, probes=PROBED, **CASES[case]) for seed in range(10, 14)]
    alone, pair, four = trained(runs[3]), trained(runs[1], runs[3]), trained(*runs[::-1])
    assert_same(alone, 0, pair, 1)
    assert_same(alone, 0, four, 0)
    assert_same(pair, 0, four, 2)
    assert torch.isfinite(four.critic).all()
    assert len(torch.unique(four.critic, dim=0)) == 4


@pytest.mark.parametrize("case", ["penalty", "gan"])
def test_stopped_and_resumed_in_other_company_gives_the_same_bits(case: str) -> None:
    runs = [text_run(seed, iterations=20, probes=PROBED, **CASES[case]) for seed in range(10, 13)]
    whole, state = trained(*runs), stopped(runs, 10)
    pair, alone = resumed(state, 2, 0, of=runs), resumed(state, 1, of=runs)
    assert_same(pair, 0, whole, 2)
    assert_same(pair, 1, whole, 0)
    assert_same(alone, 0, whole, 1)
    assert alone.log.iterations["text.lines"] == [0, 10, 20]


def test_only_lines_of_one_length_are_trained_together() -> None:
    longer = text_run(data=schema.Grammar(length=9)).setting
    assert shape(text_run().setting) != shape(longer)
    assert shape(text_run().setting) == shape(text_run(optimizer=schema.Adam(lr=1e-5)).setting)


# --- Probes ---------------------------------------------------------------------------


def measured(generator: schema.Generator, samples: int = 640, seeds: int = 1) -> dict[str, np.ndarray]:
    runs = [text_run(10 + seed, generator=generator) for seed in range(seeds)]
    cohort = Cohort.of(runs, CPU)
    view = View(cohort, start(cohort), bounds(cohort))
    return PROBES["ngrams"](view, schema.NGrams(samples=samples, reference=4000))


def test_quantities_are_those_of_the_table() -> None:
    assert measured(schema.Unigram(), 20).keys() == QUANTITIES["ngrams"].keys()
    names = trained(text_run(probes=PROBED)).log.values.keys()
    assert {name for name in names if name.startswith("text.")} == {"text.lines"}


def test_real_lines_are_at_the_end_of_the_scale_and_letters_at_its_beginning() -> None:
    real, letters = measured(schema.Resampled(), seeds=3), measured(schema.Unigram(), seeds=3)
    for n in range(2, 7):
        np.testing.assert_allclose(real[f"progress_{n}"], 1, atol=0.02)
        np.testing.assert_allclose(letters[f"progress_{n}"], 0, atol=0.05)
        assert (real[f"js_{n}"] < letters[f"js_{n}"] / 4).all()
    assert len(set(real["js_4"])) == 3  # Seeds are fed different lines.


def test_divergences_are_of_the_generated_lines() -> None:
    cohort = Cohort.of([text_run()], CPU)
    view = View(cohort, start(cohort), bounds(cohort))
    spec = schema.NGrams(samples=50, reference=100)
    codes = text.read(GRAMMAR, host(view.fake(50, "n-grams"))[0])
    real = text.held_out_lines(GRAMMAR, 100 + 5 * 50, "n-grams")[:100]
    expected = divergence(ngrams(codes, 3, 13), ngrams(real, 3, 13))
    assert float(PROBES["ngrams"](view, spec)["js_3"][0]) == pytest.approx(expected)


def test_a_diverged_replica_is_measured_as_nan_and_spoils_no_other() -> None:
    cohort = Cohort.of([text_run(10), text_run(11)], CPU)
    state = start(cohort)
    expected = PROBES["ngrams"](View(cohort, state, bounds(cohort)), PROBED.ngrams)
    state.generator[0] = float("nan")
    found = PROBES["ngrams"](View(cohort, state, bounds(cohort)), PROBED.ngrams)
    for name, values in found.items():
        assert np.isnan(values[0])
        assert values[1] == expected[name][1]


def test_lines_are_the_most_probable_characters() -> None:
    cohort = Cohort.of([text_run()], CPU)
    view = View(cohort, start(cohort), bounds(cohort))
    lines = PROBES["text"](view, schema.TextSamples(samples=3))["lines"]
    fake = host(view.fake(3, "text")).reshape(1, 3, 8, 13)
    alphabet = text.alphabet(GRAMMAR)
    assert lines.shape == (1, 3, 8)
    assert [[chr(int(c)) for c in line] for line in lines[0]] == [
        [alphabet[int(place.argmax())] for place in line] for line in fake[0]
    ]


# --- What a plan says -----------------------------------------------------------------


def test_operations_memory_and_time_are_counted() -> None:
    setting = text_run(iterations=10).setting
    critic = blocks.flops(architectures.critic(setting.critic, (8, 13))) / 2
    generator = blocks.flops(architectures.generator(setting.generator, (8, 13))) / 2
    rows = 2 * 4
    step, move = rows * (critic * 10 + generator), rows * (3 * generator + 2 * critic)
    assert flops_of_run(setting) == 10 * (2 * step + move)
    wider = text_run(critic=schema.TextCritic(width=60, blocks=1)).setting
    assert megabytes(wider) > megabytes(setting) > 0
    assert seconds([text_run(iterations=20)]) > seconds([text_run(iterations=10)]) > 0
