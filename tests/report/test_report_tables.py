"""Tables as CSV, Markdown and LaTeX."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from suite.judge.assess import ClaimResult
from suite.report.evidence import Evidence, StoredEvidence
from suite.report.tables import (
    latex,
    latex_escape,
    markdown,
    mean_and_sd,
    metrics_frame,
    shown_claims,
    write_tables,
)
from suite.store.frames import RUN_COLUMNS, runs_frame

MARKDOWN = r"""| Paper | Claim | Scale | Verdict | Estimate \[interval\] | Margin | n | Controls |
| --- | --- | --- | --- | --- | --- | --- | --- |
| gulrajani2017 | wgan-gp/gradient-norms:explodes | desk | reproduced | 0.195 \[0.18, 0.21\] | \> 0.15 | 6 | 1 of 1 as expected |
| gulrajani2017 | wgan-gp/gradient-norms:steep | desk | refuted (post hoc) | 0.035 \[0.02, 0.05\] | \> 0.2 | 6 | none |
| arjovsky2017 | wgan/parallel-lines:is\_log\_two | desk | reproduced | 0.693 \[0.693, 0.693\] | 0.693 ± 0.01 | 6 | none |
"""  # noqa: E501


def test_the_claims_in_markdown(results: list[ClaimResult]) -> None:
    assert markdown(shown_claims([results[0], results[3], results[-1]])) == MARKDOWN


@pytest.mark.parametrize(
    "values",
    [
        *(
            [],
            [1.5],
            [math.nan],
            [1.0, math.nan, 3.5],
            [math.inf, 1.0],
            [math.inf, -math.inf],
            [1e308, 1e308],
        ),
        *(np.random.default_rng(n).normal(size=n) for n in (2, 7, 8, 9, 40, 300)),
        np.where(np.arange(40) % 3, np.random.default_rng(1).normal(size=40), math.nan),
    ],
)
def test_mean_and_deviation_are_those_of_pandas_to_the_bit(values: Sequence[float]) -> None:
    series = pd.Series(values, dtype=float)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = float(series.mean()), float(series.std(ddof=1))
    found = mean_and_sd(series.to_numpy())
    np.testing.assert_array_equal(found, expected)


def test_markdown_cells_stay_in_their_cell() -> None:
    table = markdown(pd.DataFrame({"a|b": ["x | y\nz"]}))
    assert table == "| a\\|b |\n| --- |\n| x \\| y z |\n"


def test_latex_escapes_what_latex_reads() -> None:
    assert latex_escape("50 % of a_b & {c} \\ #1 $ ~ ^") == (
        r"50 \% of a\_b \& \{c\} \textbackslash{} \#1 \$ \textasciitilde{} \textasciicircum{}"
    )
    assert latex_escape("< ∞ − ±") == r"\textless{} $\infty$ $-$ $\pm$"


def test_latex_has_booktabs_rules() -> None:
    lines = latex(pd.DataFrame({"a": ["1"], "b_c": ["2"]})).splitlines()
    assert lines[1:] == [
        r"\begin{tabular}{ll}",
        r"\toprule",
        r"a & b\_c \\",
        r"\midrule",
        r"1 & 2 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_metrics_show_every_seed_and_count_the_diverged(evidence: list[Evidence]) -> None:
    table = metrics_frame(evidence)
    row = table[(table["arm"] == "discriminator") & (table["factor.theta"] == 2.0)].iloc[0]
    assert (row["runs"], row["diverged"], row["n"]) == (6, 1, 5)
    assert math.isnan(row["seed 12"])
    assert (row["seed 10"], row["mean"]) == (0.6931, pytest.approx(0.6931))
    assert list(table.columns)[:5] == ["experiment", "scale", "variant", "arm", "factor.data"]


def test_tables_are_written_and_read_back(
    evidence: list[Evidence], results: list[ClaimResult], tmp_path: Path
) -> None:
    paths = write_tables(evidence, results, tmp_path)
    assert [path.name for path in paths] == [
        "claims.csv", "claims.md", "claims.tex", "metrics.csv", "runs.csv",
    ]  # fmt: skip
    claims, runs = pd.read_csv(tmp_path / "claims.csv"), pd.read_csv(tmp_path / "runs.csv")
    assert list(claims["verdict"]) == [result.judgement.verdict for result in results]
    assert claims["low"][0] == pytest.approx(results[0].judgement.low, rel=1e-15)
    assert claims["says"][4] == results[4].claim.says
    assert len(runs) == sum(len(each.records) for each in evidence)


def test_a_run_that_experiments_share_is_one_row(evidence: list[Evidence], tmp_path: Path) -> None:
    write_tables([evidence[0], evidence[0]], [], tmp_path)
    runs = pd.read_csv(tmp_path / "runs.csv")["run"]
    assert list(runs) == [record.run.id for record in evidence[0].records]


def test_tables_without_results(empty_evidence: list[Evidence], tmp_path: Path) -> None:
    write_tables(empty_evidence, [], tmp_path)
    assert (tmp_path / "claims.md").read_text().count("\n") == 2
    assert list(pd.read_csv(tmp_path / "runs.csv").columns) == list(RUN_COLUMNS)


def test_columns_of_no_runs_are_those_of_some(evidence: list[Evidence]) -> None:
    some = runs_frame(evidence[0].records)
    assert len(some)
    assert [name for name in some.columns if not name.startswith("factor.")] == list(RUN_COLUMNS)


def test_only_runs_that_the_study_asks_for_count(evidence: list[Evidence]) -> None:
    lines, records = evidence[3], {record.run.id: record for each in evidence for record in each.records}
    assert len(StoredEvidence(lines.study, records, lines.store).records) == 2 * 4 * 6
