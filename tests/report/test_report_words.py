"""Numbers, rules and commands in words; the JSON form; names that become addresses."""

import json
import math
import shlex

import msgspec
import pytest

from suite.judge.assess import ClaimResult
from suite.judge.values import Judgement
from suite.places import EXPERIMENTS
from suite.report import words
from suite.report.naming import LONGEST, anchor
from suite.report.results_json import report_json
from suite.report.rules import rule
from suite.report.settings import settings
from suite.spec.borrow import experiment_id
from suite.spec.layout import experiment_files
from suite.spec.runs import slug
from suite.study import Study
from tests.report.conftest import GP, gradient_norms, study_of

KEYS = {
    "id", "experiment", "scale", "kind", "verdict", "estimate", "low", "high", "n", "margin", "criterion",
    "reason",
}  # fmt: skip


def test_numbers() -> None:
    values = [1 / 3, -0.0001234, math.inf, -math.inf, math.nan, None]
    assert list(map(words.number, values)) == ["0.333", "-0.000123", "∞", "-∞", "–", "–"]


def test_only_whole_words_are_infinite() -> None:
    assert words.infinities("the interval [-inf, inf] informs") == "the interval [-∞, ∞] informs"


def test_an_end_never_looks_like_the_margin_it_is_not() -> None:
    judged = Judgement(
        verdict="reproduced", reason="", looks=1, margin=0.15, estimate=0.2, low=0.1501, high=math.inf
    )
    assert words.estimate(judged) == "0.2 [0.1501, ∞]"


def test_rounding_alone_asks_for_no_more_digits() -> None:
    judged = Judgement(
        verdict="inconclusive", reason="", looks=1, margin=0.6, estimate=0.75, low=0.6 - 1e-16, high=0.9
    )
    assert words.estimate(judged) == "0.75 [0.6, 0.9]"


def rules(results: list[ClaimResult]) -> dict[str, str]:
    return {result.name: rule(result) for result in results}


def test_every_kind_of_rule_in_words(results: list[ClaimResult]) -> None:
    told = rules(results)
    assert told["explodes"] == (
        "The metric “slope of the gradient norm (decades per layer)” of clip 0.1 must be > 0.15 with its "
        "whole interval (exact signed-rank interval). Looked at with 6 seeds per arm, never in between; "
        "diverged seeds count against the claim."
    )
    assert told["vanishes"].startswith("The difference clip 0.01 − penalty of the metric")
    assert "must be < -0.3 with" in told["vanishes"]
    assert "must lie inside 0 ± 0.1 with its whole interval" in told["flat"]
    assert "with 6 and 12 seeds per arm" in told["vague"]
    assert "is above 0.5; the share of successes must be > 0.5" in told["saturates"]
    assert "gives the slope in log-log of the metric “estimate (nats)” of critic along theta" in told["rises"]
    assert "of every seed of discriminator must lie inside 0.693 ± 0.01" in told["is_log_two"]
    assert "Only runs with theta = 1 count." in told["is_log_two"]


def test_the_command_makes_a_study_with_its_overrides_again(studies: list[Study]) -> None:
    assert words.command(studies[0]) == "uv run run_suite.py run wgan-gp/gradient-norms --scale desk"
    assert shlex.split(words.command(studies[2]))[-2:] == ["critic.width=64", "optimizer.betas=[0.5, 0.9]"]


def test_the_command_names_the_folders_it_is_given(studies: list[Study]) -> None:
    told = words.command(studies[0], ["--results", "my results", "--data", "d"])
    assert told.endswith(" run wgan-gp/gradient-norms --scale desk --results 'my results' --data d")


def test_an_override_of_an_arm_with_blanks_in_its_name_is_one_word() -> None:
    override = "arms.random signs.optimizer.lr=0.001"
    one = study_of(GP, gradient_norms(), override, "critic.width=64")
    assert shlex.split(words.command(one))[-2:] == [override, "critic.width=64"]
    assert one.variant == f"{override} critic.width=64"


def test_report_json_has_the_documented_keys(results: list[ClaimResult]) -> None:
    told = report_json(results)
    claims = told["claims"]
    assert isinstance(claims, list)
    assert told["format"] == 1
    assert all(set(claim) >= KEYS for claim in claims)
    assert [claim["id"] for claim in claims[:2]] == [
        "wgan-gp/gradient-norms:explodes",
        "wgan-gp/gradient-norms:vanishes",
    ]
    assert claims[0]["estimate"] == pytest.approx(0.195)
    assert (claims[3]["verdict"], claims[3]["post_hoc"]) == ("refuted", True)
    assert claims[5]["estimate"] is None


def test_report_json_has_no_infinities(results: list[ClaimResult]) -> None:
    judgement = msgspec.structs.replace(results[0].judgement, low=-math.inf, estimate=math.nan)
    text = json.dumps(report_json([results[0]._replace(judgement=judgement)]), allow_nan=False)
    claim = json.loads(text)["claims"][0]
    assert (claim["low"], claim["estimate"]) == (None, None)


def test_anchors_keep_different_names_apart() -> None:
    assert anchor("wgan-gp/gradient-norms", "desk", "norms") == "wgan-gp-gradient-norms--desk--norms"
    assert anchor("a b") != anchor("a-b")
    assert anchor('"><script>') != anchor("script")
    assert set(anchor('"><script>' * 50)) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert len({anchor("a" * length) for length in range(90, 130)}) == 40


def test_ids_that_differ_in_where_the_slash_stands_have_anchors_of_their_own() -> None:
    for word in ("wgan-gp-x", "wgan-gp", "spectral-normalization-x", "a-b-c-d"):
        hyphens = [place for place, letter in enumerate(word) if letter == "-"]
        ids = [f"{word[:place]}/{word[place + 1 :]}" for place in hyphens]
        anchors = {anchor(each, "desk", "a") for each in ids}
        assert len(anchors) == len(ids)
        assert f"{word}--desk--a" in anchors


def test_shipped_experiments_have_anchors_without_a_hash() -> None:
    for path in experiment_files(EXPERIMENTS):
        name = experiment_id(path)
        assert anchor(name, "gpu", "to_zero") == f"{name.replace('/', '-')}--gpu--to-zero"


@pytest.mark.parametrize("name", ["a.b-c.s10.0123", "a.s10.01+pack", ".a", "a-", "A", "a--b", "", "a" * 200])
def test_an_anchor_has_the_slug_of_each_part(name: str) -> None:
    assert anchor("run", name).startswith(f"run--{slug(name)}"[:LONGEST])
    assert (anchor("run", name) == f"run--{name}") == (name == slug(name) and len(f"run--{name}") <= LONGEST)


def test_settings_are_told_apart_from_what_all_arms_share(studies: list[Study]) -> None:
    found = settings(studies[0].experiment)
    different, common = dict(found.different), dict(found.common)
    assert found.arms == ("clip 0.1", "clip 0.01", "penalty")
    assert different["constraint.bound"] == ("0.1", "0.01", "–")
    assert different["optimizer.betas"] == ("–", "–", "[0.5, 0.9]")
    assert common["critic.initialization.kind"] == "default"
    assert common["batch_size"] == "64"
