"""Data, networks and probes that are legal alone and not together."""

import pytest
from spec_sample import changed, errors

PLAIN = changed(
    "theta: {at: data.theta, values: [0, 0.5, 1]", "theta: {at: warmup, values: [0, 2, 1]"
).replace("where: {theta: 0.5}", "where: {theta: 2}")
"""The sample without what only its data have."""
GENERATOR = "generator: {kind: mlp, layers: 4, width: 64, latent: 3}"


def of(data: str, old: str = "", new: str = "") -> str:
    """What is told of the sample with these data, and one place changed."""
    text = PLAIN.replace("data: parallel_lines", f"data: {data}")
    assert old in text
    return errors(text.replace(old, new))


@pytest.mark.parametrize(
    ("data", "old", "new", "told"),
    [
        (
            "lsun_bedrooms",
            "quality: {",
            "image_quality: {}, quality: {",
            "image_quality needs data with labels",
        ),
        ("digits", "quality: {", "image_quality: {samples: 3}, quality: {", "image_quality needs at least"),
        ("lsun_bedrooms", GENERATOR, "generator: one_each", "one_each needs data with labels"),
        (
            "digits",
            GENERATOR,
            "generator: {kind: noisy_data, deviation: 1}",
            "noisy_data disturbs the very images",
        ),
        ("digits", "quality: {", "surface: {}, quality: {", "probe surface looks into a perceptron's layers"),
        ("parallel_lines", "quality: {", "sheet: {}, quality: {", "probe sheet needs images"),
        ("digits", "quality: {", "text: {}, quality: {", "probe text needs text"),
        (
            "parallel_lines",
            GENERATOR,
            f"freeze_at: 100000000\n  {GENERATOR}",
            "freeze_at needs a generator that is",
        ),
        (
            "parallel_lines",
            GENERATOR,
            "freeze_at: 1\n  generator: resampled",
            "freeze_at needs a generator that is",
        ),
    ],
)
def test_what_does_not_fit_is_told(data: str, old: str, new: str, told: str) -> None:
    assert told in of(data, old, new)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("differences: true, reduce: rank_correlation", "'differences' correlates changes of two series"),
        ("reduce: time_to", "time_to needs 'level'"),
    ],
)
def test_a_reduction_without_what_it_needs_is_told(rule: str, told: str) -> None:
    assert told in errors(
        changed("{series: quality.w1, transform: log10}", f"{{series: quality.w1, {rule}}}")
    )
