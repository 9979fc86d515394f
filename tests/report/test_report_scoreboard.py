"""The terminal scoreboard, compared whole, and the lines printed on the way."""

import subprocess
import sys

from suite.judge.assess import ClaimResult
from suite.report.scoreboard import counts, holm_line, readable, scoreboard, verdict_line

WIDE = """\
Improved Training of Wasserstein GANs (NIPS 2017)
  claim                               verdict        estimate [interval]   margin   n  controls
  wgan-gp/gradient-norms:explodes  ✓  reproduced     0.195 [0.18, 0.21]    > 0.15   6  1 of 1 as expected
  wgan-gp/gradient-norms:vanishes  ✓  reproduced     -1.24 [-1.26, -1.22]  < -0.3   6  none
  wgan-gp/gradient-norms:flat      ✓  reproduced     0.035 [0.02, 0.05]    0 ± 0.1  6  none
  wgan-gp/gradient-norms:steep     ✗  refuted        0.035 [0.02, 0.05]    > 0.2    6  none                post hoc
  wgan-gp/gradient-norms:vague     ?  inconclusive   0.035 [0.02, 0.06]    > 0.04   6  none
  wgan-gp/gradient-norms:later     ·  not evaluated  –                     > 0      6  none
  Holm-corrected over 5 claims at 0.05: 1 reproduced: wgan-gp/gradient-norms:vanishes

6 claims at desk scale: 3 reproduced, 1 refuted, 1 inconclusive, 1 not evaluated"""  # noqa: E501
NARROW = """\
Wasserstein GAN (ICML 2017)
       verdict     estimate [interval]   margin         n  controls
  wgan/parallel-lines:rises
    +  reproduced  1 [1, 1]              > 0.5          6  none
  wgan/parallel-lines:is_log_two
    +  reproduced  0.693 [0.693, 0.693]  0.693 +- 0.01  6  none
  Holm-corrected over 1 claim at 0.05: 1 reproduced:
    wgan/parallel-lines:rises

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
    assert text.count("Holm-corrected") == 2
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


def test_without_p_values_nothing_is_corrected(results: list[ClaimResult]) -> None:
    assert holm_line([results[5]]) == "Holm-corrected: no claim with a p-value"


def test_text_does_not_steer_the_terminal() -> None:
    assert readable("a\x1b[2Jb\nc ∞ é", "ascii") == "a?[2Jb\nc inf ?"


def test_the_scoreboard_needs_neither_pandas_nor_matplotlib() -> None:
    code = "import sys, suite.report.scoreboard; print({'pandas', 'matplotlib', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
