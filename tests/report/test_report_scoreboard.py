"""The terminal scoreboard, compared whole, and the lines printed on the way."""

import subprocess
import sys

import msgspec

from suite.judge.assess import ClaimResult, assess
from suite.report.evidence import gather
from suite.report.page import render
from suite.report.regenerate import Again
from suite.report.scoreboard import counts, holm_line, readable, scoreboard, verdict_line
from suite.store.store import Store
from suite.study import Study

WIDE = """\
Improved Training of Wasserstein GANs (NIPS 2017)
  claim                               verdict        estimate [interval]   margin   n  controls
  wgan-gp/gradient-norms:explodes  ✓  reproduced     0.195 [0.18, 0.21]    > 0.15   6  1 of 1 as expected
  wgan-gp/gradient-norms:vanishes  ✓  reproduced     -1.24 [-1.26, -1.22]  < -0.3   6  none
  wgan-gp/gradient-norms:flat      ✓  reproduced     0.035 [0.02, 0.05]    0 ± 0.1  6  none
  wgan-gp/gradient-norms:steep     ✗  refuted        0.035 [0.02, 0.05]    > 0.2    6  none                post hoc
  wgan-gp/gradient-norms:vague     ?  inconclusive   0.035 [0.02, 0.06]    > 0.04   6  none
  wgan-gp/gradient-norms:later     ·  not evaluated  –                     > 0      6  none
  Each verdict above is held to an error of 5 % by itself; with all 5 held to 5 % together (Holm's correction), 1 stays
    reproduced: wgan-gp/gradient-norms:vanishes

6 claims at desk scale: 3 reproduced, 1 refuted, 1 inconclusive, 1 not evaluated"""  # noqa: E501
NARROW = """\
Wasserstein GAN (ICML 2017)
       verdict     estimate [interval]   margin         n  controls
  wgan/parallel-lines:rises
    +  reproduced  1 [1, 1]              > 0.5          6  none
  wgan/parallel-lines:is_log_two
    +  reproduced  0.693 [0.693, 0.693]  0.693 +- 0.01  6  none

2 claims at desk scale: 2 reproduced, 0 refuted, 0 inconclusive, 0 not evaluated"""


def of(results: list[ClaimResult], experiment: str) -> list[ClaimResult]:
    return [result for result in results if result.study.experiment.id == experiment]


def test_a_wide_scoreboard(results: list[ClaimResult]) -> None:
    assert scoreboard(of(results, "wgan-gp/gradient-norms"), 120) == WIDE


def test_a_narrow_scoreboard_in_ascii(results: list[ClaimResult]) -> None:
    assert scoreboard(of(results, "wgan/parallel-lines"), 64, "ascii") == NARROW


def test_an_empty_scoreboard() -> None:
    assert scoreboard([], 80) == "no claims"


def test_papers_have_tables_of_their_own(results: list[ClaimResult]) -> None:
    text = scoreboard(results, 200)
    assert text.count("(Holm's correction)") == 2
    assert text.endswith(counts(results))


def test_the_line_of_a_verdict_names_the_scale(results: list[ClaimResult]) -> None:
    assert verdict_line(results[0]) == (
        "✓ wgan-gp/gradient-norms:explodes: reproduced at desk scale: "
        "the interval [0.18, 0.21] lies above the margin 0.15"
    )
    assert verdict_line(results[3]).startswith(
        "✗ wgan-gp/gradient-norms:steep: refuted at desk scale (post hoc): not reproduced"
    )
    assert verdict_line(results[5], "ascii") == (
        ". wgan-gp/gradient-norms:later: not evaluated: has 6 of 20 seeds"
    )


def test_without_two_p_values_nothing_is_corrected(results: list[ClaimResult]) -> None:
    assert holm_line([results[5]]) == holm_line([results[0]]) == ""


def test_how_many_stay_is_no_contradiction_of_the_verdicts_above(results: list[ClaimResult]) -> None:
    explodes, vanishes = results[:2]
    weak = msgspec.structs.replace(vanishes.judgement, p=0.04)
    assert holm_line([explodes._replace(judgement=weak), vanishes._replace(judgement=weak)]) == (
        "Each verdict above is held to an error of 5 % by itself; with all 2 held to 5 % together "
        "(Holm's correction), none stays reproduced"
    )
    assert "2 stay reproduced: wgan-gp/gradient-norms:explodes, wgan" in holm_line([explodes, vanishes])


def test_claims_that_the_scale_cannot_decide_neither_stay_nor_count(results: list[ClaimResult]) -> None:
    explodes, vanishes, flat = results[:3]
    later = [
        each._replace(claim=msgspec.structs.replace(each.claim, decided_from="paper"))
        for each in (explodes, flat)
    ]
    assert holm_line(later) == holm_line([vanishes, *later]) == ""
    assert holm_line([explodes, vanishes, *later]) == holm_line([explodes, vanishes])


def test_a_claim_that_its_scale_cannot_decide_says_so(results: list[ClaimResult]) -> None:
    late = [
        each._replace(claim=msgspec.structs.replace(each.claim, decided_from="gpu"))
        for each in of(results, "wgan-gp/gradient-norms")
        if each.name in ("vague", "later")
    ]
    text = scoreboard(late, 120)
    (vague,) = [line for line in text.splitlines() if "vague" in line]
    assert vague.endswith("decided from gpu scale on")
    assert text.count("from gpu scale on") == 1
    assert text.endswith("1 inconclusive (1 left to larger scales), 1 not evaluated")


def test_smoke_scale_says_that_it_judges_nothing(studies: list[Study], store: Store) -> None:
    study = studies[0]
    smoke = Study(study.paper, study.experiment, "smoke", (), study.path)
    results = list(assess(smoke, {}, lambda _: {}))
    text = scoreboard(results, 120)
    assert text.endswith(
        "6 claims at smoke scale, none judged: "
        "by design it tries the plumbing and gives no verdicts; --scale desk does"
    )
    assert "Holm" not in text
    page = render(gather([smoke], store), results, {}, Again("command"))
    assert "Smoke scale gives no verdicts:" in page
    assert "Holm" not in page


def test_text_does_not_steer_the_terminal() -> None:
    assert readable("a\x1b[2Jb\nc ∞ é", "ascii") == "a?[2Jb\nc inf ?"


def test_the_scoreboard_needs_neither_pandas_nor_matplotlib() -> None:
    code = "import sys, suite.report.scoreboard; print({'pandas', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
