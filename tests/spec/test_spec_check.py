"""Mistakes between the parts of an experiment, each at its place."""

import pytest
from spec_sample import changed, check, errors

from suite.spec.claim_checks import controlled
from suite.spec.schema import Claim, Control

MISTAKES = [
    # Claims.
    ("    metric: slope", "    metric: slop", "41:13: claims.explodes: metric 'slop' is none of the metrics"),
    ("    arm: clip 0.1", "    arm: clip 0.2", "42:10: claims.explodes: arm 'clip 0.2' is none of the arms"),
    ("versus: clip 0.1", "versus: clip", "65:13: claims.same: versus 'clip' is none of the arms"),
    ("over: theta", "over: thta", "58:11: claims.grows: over 'thta' is none of the factors"),
    ("over: theta", "over: title", "58:11: claims.grows: over 'title' is none of the factors"),
    ("where: {theta: 0.5}", "where: {thta: 0.5}", "44:12: claims.explodes: where names 'thta'"),
    ("where: {theta: 0.5}", "where: {theta: 0.7}", "44:12: claims.explodes: 0.7 is no level of 'theta'"),
    ("    where: {theta: 0.5}\n", "", "39:5: claims.explodes: no level of factor 'theta' is chosen"),
    (
        "    over: theta",
        "    over: theta\n    where: {theta: 1}",
        "59:12: claims.grows: factor 'theta' is both",
    ),
    ("    kind: threshold", "    kind: ordering", "40:11: claims.explodes: an ordering needs 'versus'"),
    ("    kind: threshold", "    kind: rate", "40:11: claims.explodes: a rate needs 'cut'"),
    ("    kind: threshold", "    kind: trend", "40:11: claims.explodes: a trend needs 'over'"),
    ("    better: higher\n    where", "    where", "40:11: claims.explodes: a claim of kind threshold needs"),
    ("margin: 0.2", "margin: 0", "67:13: claims.same: an equivalence needs a margin above 0"),
    ("statistic: slope", "statistic: log_slope", "59:16: claims.grows: log_slope takes the logarithm"),
    ("looks: [6, 12]", "looks: [6, 6]", "46:12: claims.explodes: looks must be 1 to 3 rising"),
    ("looks: [6, 12]", "looks: [3, 6]", "46:12: claims.explodes: looks must be 1 to 3 rising"),
    ("looks: [6, 12]", "looks: [4, 5, 6, 7]", "46:12: claims.explodes: looks must be 1 to 3 rising"),
    ("looks: [6, 12]", "looks: []", "46:12: claims.explodes: looks must be 1 to 3 rising"),
    ("looks: [6, 12]", "looks: [6, 101]", "46:12: claims.explodes: a look of 101 seeds is too large"),
    (
        "looks: [6, 12]",
        "looks: [10, 21]",
        "46:12: claims.explodes: a look of 21 is more than 2 times the one",
    ),
    ("looks: [6, 12]", "looks: [5, 10, 30]", "claims.explodes: a look of 30 is more than 2 times the one"),
    ("looks: [6, 12]", "looks: [20, 40, 61]", "46:12: claims.explodes: the last of 3 looks is of 61"),
    ("looks: [6, 12]", "looks: [4]", "46:12: claims.explodes: 4 seeds of one arm decide nothing"),
    ("looks: [6, 12]", "looks: [4, 5]", "46:12: claims.explodes: 5 seeds of one arm decide nothing"),
    # What would be judged as if it were not there.
    ("margin: 0.15", "margin: 0.15\n    cut: 1", "46:10: claims.explodes: kind threshold does not use 'cut'"),
    ("margin: 0.15", "target: 0.15", "45:13: claims.explodes: kind threshold does not use 'target'"),
    ("margin: 0.2", "margin: 0.2\n    better: lower", "kind equivalence does not use 'better'"),
    ("margin: 0.2", "margin: 0.2\n    tries: 3", "kind equivalence does not use 'tries'"),
    ("margin: 0.2", "margin: 0.2\n    success: below", "kind equivalence does not use 'success'"),
    ("margin: 0.2", "margin: 0.2\n    statistic: slope", "kind equivalence does not use 'statistic'"),
    (
        "    over: theta",
        "    over: theta\n    versus: clip 0.1",
        "59:13: claims.grows: kind trend does not use",
    ),
    (
        "    where: {theta: 0.5}",
        "    over: theta",
        "44:11: claims.explodes: kind threshold does not use 'over'",
    ),
    (
        "w1, transform",
        "w1, reduce: mean, window: 3, transform",
        "35:56: metrics.distance: reduce mean does not use",
    ),
    ("w1, transform", "w1, level: 3, transform", "metrics.distance: reduce last does not use 'level'"),
    ("w1, transform", "w1, against: losses.critic, transform", "reduce last does not use 'against'"),
    ("against: quality.w1", "transform: log10", "36:70: metrics.loss: a correlation is not transformed"),
    # Controls: the claim with the control's fields in their place.
    (
        "arm: penalty, says",
        "arm: penlty, says",
        "48:36: claims.explodes.controls.steady: arm 'penlty' is none",
    ),
    ("arm: penalty, says", "metric: none, says", "48:39: claims.explodes.controls.steady: metric 'none'"),
    ("arm: penalty, says", "where: {}, says", "48:38: claims.explodes.controls.steady: no level of factor"),
    # Metrics, and the probes they need.
    ("{series: quality.w1,", "{series: qualty.w1,", "35:22: metrics.distance: unknown probe 'qualty'"),
    ("{series: quality.w1,", "{series: quality.w2,", "35:22: metrics.distance: unknown quantity 'w2'"),
    (
        "against: quality.w1",
        "against: quality.w2",
        "36:68: metrics.loss: unknown quantity 'w2' of probe quality",
    ),
    (
        "20}, quality: {samples: 400}}",
        "20}}",
        "55:13: claims.grows: metric 'distance' needs the probe quality",
    ),
    # Figures.
    ("arms: [penalty]", "arms: [penlty]", "70:79: figures.norms: arms 'penlty' is none of the arms"),
    (
        "{slope: 1}",
        "{slop: 1}",
        "82:12: figures.distances: jumps 'slop' is none of the metrics of the figure",
    ),
    ("{slope: 1}", "{slope: 3}", "82:12: figures.distances: 3 is no level of 'theta'"),
    ("    y: distance\n", "    y: distnce\n", "74:8: figures.distances: y 'distnce' is none of the metrics"),
    ("    x: theta\n", "", "72:11: figures.distances: a figure of kind over needs 'x'"),
    ("    x: theta\n", "    x: thta\n", "75:8: figures.distances: x 'thta' is none of the factors"),
    ("y: gradient_norms.slope,", "", "70:17: figures.norms: a figure of kind curves needs 'y'"),
    ("y: gradient_norms.slope,", "y: slope,", "70:51: figures.norms: unknown probe 'slope' in 'slope'"),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: profiles, title: Norms,",
        "70:17: figures.norms: a figure of kind profiles draws data of dimension 1, arm 'penalty' has 2",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: best_of, title: Best, y: distance,",
        "70:17: figures.norms: a figure of kind best_of shows draws, and no factor has any",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope, arms: [penalty]",
        "kind: pairs, title: Pairs, y: distance, arms: [penalty, clip 0.1]",
        "70:17: figures.norms: a figure of kind pairs shows draws, and no factor has any",
    ),
    # Fields of figures that would be drawn as if they were not there, and figures that would be empty.
    ("x_label: theta", "against: seconds", "76:14: figures.distances: kind over does not use 'against'"),
    (
        "y: gradient_norms.slope, arms: [penalty]",
        "y: losses.critic, x: theta, arms: [penalty]",
        "figures.norms: kind curves does not use 'x'",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: layers, title: Norms, y: gradient_norms.slope,",
        "70:42: figures.norms: kind layers does not use 'y'",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: contours, title: Critics, reference: {a: 1},",
        "figures.norms: kind contours does not use 'reference'",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: contours, title: Critics,",
        "70:17: figures.norms: a figure of kind contours needs the probe surface, which is off in every arm",
    ),
    (
        "kind: curves, title: Gradient norms, y: gradient_norms.slope,",
        "kind: histograms, title: Weights, x_scale: log,",
        "figures.norms: kind histograms does not use 'x_scale'",
    ),
    (
        "y: gradient_norms.slope,",
        "y: potential.r2,",
        "figures.norms: a figure of kind curves needs the probe",
    ),
    (
        "{gradient_norms: {points: 20}, q",
        "{q",
        "figures.distances: a figure of kind over needs the probe gr",
    ),
    ("arms: [penalty], where: {theta: 1}", "where: {theta: 2}", "70:80: figures.norms: 2 is no level"),
    # Factors, arms and settings.
    ("at: data.theta", "at: data.thta", "32:15: factor 'theta' at data.thta: unknown key 'thta' in data"),
    ("at: data.theta", "at: dta", "32:15: factor 'theta' at dta: unknown key 'dta' (arm 'clip 0.1')"),
    ("at: data.theta", "at: critic_steps", "32:38: factor 'theta' at critic_steps: critic_steps must be a"),
    ("[0, 0.5, 1]", "[0, 0.5, 0.0]", "32:35: factor 'theta' has a level twice"),
    ("values: [0, 0.5, 1]", "values: []", "32:35: factors.theta.values must be a list of at least 1"),
    (
        "data: parallel_lines",
        "data: two_gaussians",
        "32:15: factor 'theta' at data.theta: unknown key 'theta'",
    ),
    (
        "\nfactors:\n",
        "\nfactors:\n  t: {at: data.theta, values: [2]}\n",
        "33:15: factors 't' and 'theta' both set data.theta",
    ),
    (
        "\nfactors:\n",
        "\nfactors:\n  t: {draws: {count: 2, seed: 1, choices: {data.theta: [2, 3]}}}\n",
        "33:15: factors 't' and 'theta' both set data.theta",
    ),
    ("  clip 0.1: {c", "  Clip-0.1: {}\n  clip 0.1: {c", "look the same in the id of a run"),
    ("[0, 0.5, 1]", str(list(range(600))), "32:3: 1 factors and the arms make 1200 conditions"),
]


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES)
def test_mistake(old: str, new: str, expected: str) -> None:
    assert expected in errors(changed(old, new))


GENERATOR = "generator: {kind: mlp, layers: 4, width: 64, latent: 3}"
AT_THETA = "theta: {at: data.theta, values: [0, 0.5, 1]"
AT_WARMUP = "theta: {at: warmup, values: [0, 0.5, 1]"


@pytest.mark.parametrize("looks", ["[50, 100]", "[5, 10, 20]", "[15, 30, 60]", "[100]", "[5]", "[4, 6]"])
def test_looks_that_double_and_can_decide_are_legal(looks: str) -> None:
    check(changed("looks: [6, 12]", f"looks: {looks}"))


def test_four_seeds_of_two_arms_can_decide() -> None:
    check(changed("    target: 0", "    target: 0\n    looks: [4]"))


@pytest.mark.parametrize(("arms", "empty"), [("[penalty, clip 0.1]", True), ("[clip 0.1, penalty]", False)])
def test_of_figures_of_one_arm_the_first_has_the_probe(arms: str, empty: bool) -> None:
    old = "kind: curves, title: Gradient norms, y: gradient_norms.slope, arms: [penalty]"
    text = changed(old, f"kind: spectra, title: Spectra, arms: {arms}")
    text = text.replace("  clip 0.1: {c", "  clip 0.1: {probes: {spectrum: {}}, c")
    assert ("kind spectra needs the probe spectrum" in errors(text)) == empty


def test_a_figure_that_one_of_its_arms_is_measured_for_is_legal() -> None:
    text = changed("y: gradient_norms.slope, arms: [penalty]", "y: potential.r2")
    check(text.replace("  clip 0.1: {c", "  clip 0.1: {probes: {potential: {}}, c"))


def test_a_counterpart_needs_data_that_have_one() -> None:
    text = changed(GENERATOR, "generator: counterpart").replace(AT_THETA, AT_WARMUP).replace("0.5", "2")
    text = text.replace("data: parallel_lines", "data: swiss_roll")
    assert "11:14: generator counterpart needs data with two distributions" in errors(text)


def test_a_shift_needs_parallel_lines() -> None:
    text = changed(GENERATOR, "generator: shift").replace(AT_THETA, AT_WARMUP).replace("0.5", "2")
    text = text.replace("data: parallel_lines", "data: two_gaussians")
    assert "11:14: generator shift needs parallel lines" in errors(text)


def test_a_rate_is_held_against_a_share() -> None:
    text = changed("kind: threshold", "kind: rate\n    cut: 0").replace("margin: 0.15", "margin: 1.5")
    assert "46:13: claims.explodes: a rate needs a margin from 0 to 1" in errors(text)


def test_a_trend_runs_along_numbers() -> None:
    told = errors(changed(AT_THETA, "theta: {at: critic.activation, values: [tanh, relu]"))
    assert "58:11: claims.grows: factor 'theta' has levels in words" in told


def test_a_trend_needs_two_levels_at_every_scale() -> None:
    text = changed("[0.5, 1]}}\n    claims: {grows: null}", "[1]}}")
    told = errors(text)
    assert "58:11: claims.grows: factor 'theta' has one level" in told
    assert told.count("one level") == 1


def test_an_experiment_needs_an_arm() -> None:
    start, _, rest = changed("arms:\n  clip", "arms: {}\nold:\n  clip").partition("old:\n")
    text = start + rest[rest.index("factors:") :]
    assert "25:7: an experiment needs at least one arm" in errors(text)


def test_losses_need_no_probe() -> None:
    text = changed("    metric: slope", "    metric: loss").replace(", against: quality.w1", "")
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        errors(text)


def test_a_control_is_the_claim_with_its_fields_in_their_place() -> None:
    claim = Claim(says="s", kind="threshold", metric="m", arm="a", where={"theta": 1.0}, better="higher")
    control = Control(expect="fails", arm="b", where={})
    assert controlled(claim, control) == Claim(
        says="s", kind="threshold", metric="m", arm="b", where={}, better="higher"
    )


def test_text_needs_networks_and_probes_of_text_and_these_need_text() -> None:
    plain = changed(AT_THETA, AT_WARMUP).replace("0.5", "2")
    told = errors(plain.replace(GENERATOR, "generator: text"))
    assert "11:14: generator text needs text" in told
    assert "set data to grammar" in told
    assert "generator unigram needs text" in errors(plain.replace(GENERATOR, "generator: unigram"))
    assert "probe ngrams needs text" in errors(plain.replace("quality: {", "ngrams: {}, quality: {"))
    text = plain.replace("data: parallel_lines", "data: grammar")
    assert "generator dcgan needs images" in errors(
        text.replace(GENERATOR, "generator: {kind: dcgan, width: 4}")
    )


def test_arms_are_counted_before_they_are_crossed() -> None:
    """A file of some kilobytes would fill the memory."""
    arms, parts = ("".join(f"  {letter}{i}: {{}}\n" for i in range(1000)) for letter in "ab")
    told = errors(changed("arms:\n", f"across:\n{parts}arms:\n{arms}"))
    assert "arms across 1000 parts make 100" in str(told)
    assert "keep to 1000" in str(told)


def test_crossed_arms_that_would_hide_one_another_are_told() -> None:
    parts = "across:\n  c: {}\n  b, c: {warmup: 5}\n"
    told = errors(changed("arms:\n", f"{parts}arms:\n  penalty, b: {{}}\n"))
    assert "arm 'penalty, b' across 'c' and arm 'penalty' across 'b, c' are both 'penalty, b, c'" in told
