"""Data, networks and probes that are legal alone and not together."""

import pytest
from spec_sample import changed, check, errors

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
        ("reduce: slope", "a slope is of two points or more, and window is 1"),
        ("reduce: deviation", "a deviation is of two points or more, and window is 1"),
    ],
)
def test_a_reduction_without_what_it_needs_is_told(rule: str, told: str) -> None:
    assert told in errors(
        changed("{series: quality.w1, transform: log10}", f"{{series: quality.w1, {rule}}}")
    )


RANKED = "{series: quality.w1, reduce: rank_correlation}"


@pytest.mark.parametrize(
    ("metric", "quality", "told"),
    [
        (
            "{series: quality.w1, after: 100001}",
            "{}",
            "counts from iteration 100001 on, and arm 'penalty' ends",
        ),
        ("{series: quality.w1, after: 501}", "{}", "arm 'penalty' ends at 500"),
        (RANKED, "{points: 0}", "ranks 3 points or more, and quality measures 1 in arm 'penalty'"),
        (RANKED, "{points: 1}", "ranks 3 points or more, and quality measures 2 in arm 'penalty'"),
        (
            "{series: losses.critic, reduce: rank_correlation, against: quality.w1, differences: true}",
            "{points: 2}",
            "ranks 4 points or more, and quality measures 3 in arm 'penalty'",
        ),
    ],
)
def test_a_claim_needs_a_metric_that_its_arms_have_a_number_of(metric: str, quality: str, told: str) -> None:
    text = changed("{series: quality.w1, transform: log10}", metric)
    assert told in errors(text.replace("quality: {samples: 400}", f"quality: {quality}"))


def test_at_smoke_scale_where_nothing_is_judged_all_may_be_over_before() -> None:
    check(changed("{series: quality.w1, transform: log10}", "{series: quality.w1, after: 500}"))


def test_of_arms_whose_length_a_factor_sets_nothing_is_told() -> None:
    text = changed("at: data.theta, values: [0, 0.5, 1]", "at: iterations, values: [5, 10, 2000]")
    text = text.replace("[0.5, 1]}}", "[10, 2000]}}").replace("{theta: 0.5}", "{theta: 10}")
    text = text.replace("{theta: 1}", "{theta: 2000}").replace("{slope: 1}", "{slope: 2000}")
    check(text.replace("{series: quality.w1, transform: log10}", "{series: quality.w1, after: 1000}"))
