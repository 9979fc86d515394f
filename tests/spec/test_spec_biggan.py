"""Settings with what BigGAN adds: what does not go together."""

import pytest

from suite.spec import schema
from suite.spec.biggan_checks import added_faults
from suite.spec.probe_checks import probe_faults


def faults(**changes: object) -> list[tuple[str, str]]:
    given: dict[str, object] = {
        "data": schema.Digits(),
        "generator": schema.BigGANGenerator(width=1, latent=6),
        "critic": schema.BigGANCritic(width=1),
        "loss": "hinge",
        "optimizer": schema.Adam(lr=1e-3),
        "batch_size": 8,
        "iterations": 1,
        "accumulate": 4,
        "average": schema.Averaging(),
        "standing": 3,
        "orthogonal": schema.Orthogonal(),
        "probes": schema.Probes(truncation=schema.Truncation()),
    }
    made = schema.Setting(**{**given, **changes})
    return [(fault.field, fault.text) for fault in (*added_faults(made), *probe_faults(made))]


def test_what_goes_together_has_no_fault() -> None:
    assert faults() == []


PLAIN: dict[str, object] = {"average": None, "standing": 0, "orthogonal": None, "probes": schema.Probes()}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"average": schema.Averaging()}, "average"),
        ({"standing": 1}, "standing"),
        ({"orthogonal": schema.Orthogonal()}, "orthogonal"),
        ({"probes": schema.Probes(truncation=schema.Truncation())}, "probes"),
        ({"batch_size": 9}, "accumulate"),
        ({"batch_size": 4}, "accumulate"),
    ],
)
def test_what_does_not_is_told_at_its_field(changes: dict[str, object], field: str) -> None:
    fixed = schema.Disturbed(how="blur", level=0.1)
    assert [found for found, _ in faults(**{**PLAIN, "generator": fixed, **changes})] == [field]


def test_freezing_needs_a_network_and_iterations_after_it() -> None:
    late = schema.Freeze("generator", 3)
    assert faults(freeze=late, iterations=4) == []
    assert [field for field, _ in faults(freeze=late, iterations=3)] == ["freeze"]
    assert [field for field, _ in faults(freeze=late, iterations=4, freeze_at=2)] == ["freeze"]
    fixed = {**PLAIN, "generator": schema.Disturbed(how="blur", level=0.1), "iterations": 4}
    assert [field for field, _ in faults(freeze=late, **fixed)] == ["freeze"]


def test_a_spectrum_is_of_layers_that_are_known() -> None:
    probes = schema.Probes(spectrum=schema.Spectrum())
    assert faults(probes=probes) == []
    fields = [field for field, _ in faults(probes=probes, critic=schema.MLPCritic(layers=3, width=2))]
    assert fields == ["probes"]


def test_truncation_is_judged_by_a_classifier() -> None:
    assert [field for field, _ in faults(data=schema.CelebA())] == ["probes"]
