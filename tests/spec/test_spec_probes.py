"""Probes that cannot look at what a setting has."""

import msgspec
import pytest

from suite.spec import schema
from suite.spec.probe_checks import probe_faults


def faults(probes: schema.Probes, critic: schema.Critic, data: schema.Data) -> list[str]:
    made = schema.Setting(
        data=data,
        generator=schema.MLPGenerator(layers=3, width=4, latent=2),
        critic=critic,
        loss="wasserstein",
        optimizer=schema.Adam(lr=1e-3),
        batch_size=4,
        iterations=1,
    )
    return [fault.text for fault in probe_faults(msgspec.structs.replace(made, probes=probes))]


NORMS = schema.Probes(gradient_norms=schema.GradientNorms())
WEIGHTS = schema.Probes(weight_histogram=schema.WeightHistogram())


@pytest.mark.parametrize("probes", [NORMS, WEIGHTS])
@pytest.mark.parametrize(("layers", "fine"), [(1, False), (2, False), (3, True)])
def test_what_lies_between_hidden_layers_needs_two_of_them(
    probes: schema.Probes, layers: int, fine: bool
) -> None:
    found = faults(probes, schema.MLPCritic(layers=layers, width=4), schema.SwissRoll())
    assert found == [] if fine else "needs two hidden layers" in found[0]


def test_gradient_norms_have_no_labels_for_a_critic() -> None:
    told = schema.MLPCritic(layers=4, width=4, labels="concatenate")
    (text,) = faults(NORMS, told, schema.Digits())
    assert "has no labels for it" in text
    assert faults(WEIGHTS, told, schema.Digits()) == []


@pytest.mark.parametrize(("samples", "splits", "fine"), [(1, 1, False), (2, 1, True), (9, 10, False)])
def test_an_inception_score_needs_samples_in_each_split(samples: int, splits: int, fine: bool) -> None:
    probes = schema.Probes(inception=schema.Inception(samples=samples, splits=splits))
    found = faults(probes, schema.DCGANCritic(width=2), schema.Digits())
    assert ["inception needs two samples" in text for text in found] == ([] if fine else [True])


def test_one_interpolate_has_no_variation() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"samples": 1}, schema.Interpolates)


@pytest.mark.parametrize("points", [10**6, 10**6 + 1])
def test_a_run_does_not_begin_with_a_walk_through_a_thousand_million_points(points: int) -> None:
    packed = {"bag/first_weights": schema.PackProbe(points=points)}
    probes = schema.Probes(
        quality=schema.Quality(points=points), step_cosine=schema.StepCosine(), packs=packed
    )
    found = faults(probes, schema.MLPCritic(layers=3, width=4), schema.SwissRoll())
    told = ["quality", "bag/first_weights"] if points > 10**6 else []
    assert found == [f"probe {name} has 1,000,001 points" for name in told]
