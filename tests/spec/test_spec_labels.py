"""Settings whose networks are told labels: what does not go together."""

import pytest

from suite.spec import schema
from suite.spec.label_checks import label_faults
from suite.spec.probe_checks import probe_faults

GENERATOR = schema.DCGANGenerator(width=2, labels="concatenate")
CRITIC = schema.DCGANCritic(width=2, labels="projection")


def faults(**changes: object) -> list[tuple[str, str]]:
    given: dict[str, object] = {
        "data": schema.Digits(),
        "generator": GENERATOR,
        "critic": CRITIC,
        "loss": "hinge",
        "optimizer": schema.Adam(lr=1e-3),
        "batch_size": 4,
        "iterations": 1,
    }
    made = schema.Setting(**{**given, **changes})
    return [(fault.field, fault.text) for fault in (*label_faults(made), *probe_faults(made))]


def test_what_goes_together_has_no_fault() -> None:
    assert faults() == []
    assert faults(probes=schema.Probes(label_following=schema.LabelFollowing())) == []
    assert faults(critic=schema.DCGANCritic(width=2)) == []
    plain = {"generator": schema.DCGANGenerator(width=2), "critic": schema.DCGANCritic(width=2)}
    assert faults(data=schema.LSUNBedrooms(), **plain) == []


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"data": schema.LSUNBedrooms()}, "generator", "labels, which the data do not have"),
        ({"generator": schema.DCGANGenerator(width=2)}, "generator", "the generator is not"),
        (
            {"generator": schema.DCGANGenerator(width=2, labels="normalization", normalization="none")},
            "generator",
            "labels go into batch normalisation",
        ),
        (
            {"probes": schema.Probes(interpolates=schema.Interpolates())},
            "probes",
            "no labels for it",
        ),
        (
            {
                "generator": schema.DCGANGenerator(width=2),
                "critic": schema.DCGANCritic(width=2),
                "probes": schema.Probes(label_following=schema.LabelFollowing()),
            },
            "probes",
            "needs a generator with labels",
        ),
        (
            {"critic": schema.DCGANCritic(width=2, spectral=True), "constraint": schema.Clip(bound=0.1)},
            "constraint",
            "cannot be clipped",
        ),
    ],
)
def test_what_does_not_is_told(changes: dict[str, object], field: str, text: str) -> None:
    ((where, told),) = faults(**changes)
    assert where == field
    assert text in told
