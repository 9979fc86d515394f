"""Claims, metrics and runs as tables: CSV, Markdown and LaTeX."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from suite.judge.assess import ClaimResult
from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.report.results_json import claim_objects
from suite.spec.runs import Condition
from suite.store.files import write
from suite.store.frames import runs_frame

LATEX = {
    "\\": r"\textbackslash{}",
    **{character: "\\" + character for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "∞": r"$\infty$",
    "±": r"$\pm$",
    "−": r"$-$",
    "–": "--",
}

LEADING = ["experiment", "scale", "variant", "arm", "metric", "unit", "runs", "diverged", "n", "mean", "sd"]


def write_tables(evidence: Sequence[Evidence], results: Sequence[ClaimResult], folder: Path) -> list[Path]:
    """Write claims.csv, claims.md, claims.tex, metrics.csv and runs.csv; return their paths."""
    shown = shown_claims(results)
    # Experiments may share runs.
    records = {record.run.id: record for each in evidence for record in each.records}
    texts = {
        "claims.csv": claims_frame(results).to_csv(index=False),
        "claims.md": markdown(shown),
        "claims.tex": latex(shown),
        "metrics.csv": metrics_frame(evidence).to_csv(index=False),
        "runs.csv": runs_frame(records.values()).to_csv(index=False),
    }
    for name, text in texts.items():
        write(folder / name, text.encode())
    return [folder / name for name in texts]


def claims_frame(results: Sequence[ClaimResult]) -> pd.DataFrame:
    """One row a claim, with the keys of ``report_json``; the numbers are not rounded."""
    rows = [
        {
            **columns,
            **{key: getattr(result.judgement, key) for key in ("estimate", "low", "high")},
            "controls": words.controls(result),
            "runs": " ".join(result.run_ids),
        }
        for result, columns in zip(results, claim_objects(results), strict=True)
    ]
    return pd.DataFrame(rows)


def shown_claims(results: Sequence[ClaimResult]) -> pd.DataFrame:
    """One row a claim, as text to be read."""
    rows = [
        {
            "Paper": result.study.paper.id,
            "Claim": words.title(result),
            "Scale": result.study.scale,
            "Verdict": " ".join(filter(None, [result.judgement.verdict, _in_brackets(result)])),
            "Estimate [interval]": words.estimate(result.judgement),
            "Margin": words.margin(result.claim),
            "n": str(result.judgement.n),
            "Controls": words.controls(result),
        }
        for result in results
    ]
    columns = ["Paper", "Claim", "Scale", "Verdict", "Estimate [interval]", "Margin", "n", "Controls"]
    return pd.DataFrame(rows, columns=columns)


def metrics_frame(evidence: Sequence[Evidence]) -> pd.DataFrame:
    """One row for each metric of each condition: runs, mean and standard deviation (n - 1) of the
    runs that have the metric, and every seed's value in a column of its own.
    """
    frame = pd.DataFrame([row for each in evidence for row in _metric_rows(each)])
    columns = sorted(map(str, frame.columns), key=_position)
    return frame[columns]


def markdown(frame: pd.DataFrame) -> str:
    """A table of texts as GitHub's Markdown."""
    lines = [[_markdown_cell(cell) for cell in line] for line in [list(frame.columns), *_cells(frame)]]
    rule = ["---"] * len(frame.columns)
    return "".join(f"| {' | '.join(line)} |\n" for line in [lines[0], rule, *lines[1:]])


def latex(frame: pd.DataFrame) -> str:
    """A table of texts as a LaTeX tabular with booktabs' rules."""
    rows = [" & ".join(map(latex_escape, line)) + r" \\" for line in _cells(frame)]
    head = " & ".join(map(latex_escape, frame.columns)) + r" \\"
    begin = rf"\begin{{tabular}}{{{'l' * len(frame.columns)}}}"
    lines = [begin, r"\toprule", head, r"\midrule", *rows, r"\bottomrule", r"\end{tabular}"]
    return "% Needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}.\n" + "\n".join(lines) + "\n"


def latex_escape(text: str) -> str:
    """The text with what LaTeX reads as commands spelt out."""
    return "".join(LATEX.get(character, character) for character in " ".join(text.split()))


def _cells(frame: pd.DataFrame) -> list[list[str]]:
    return [list(map(str, row)) for row in frame.itertuples(index=False)]


def _markdown_cell(text: str) -> str:
    return "".join("\\" + c if c in "\\|`*_<>[]" else c for c in " ".join(text.split()))


def _in_brackets(result: ClaimResult) -> str:
    return f"({words.post_hoc(result)})" if result.post_hoc else ""


def _position(column: str) -> tuple[int, str]:
    """The factors stand beside the arm, the seeds at the end, the others in the order given."""
    if column.startswith("factor."):
        return LEADING.index("arm"), column
    return (LEADING.index(column), "") if column in LEADING else (len(LEADING), column)


def _metric_rows(evidence: Evidence) -> Iterator[dict[str, object]]:
    for condition in evidence.study.conditions:
        for name in evidence.study.experiment.metrics:
            yield _metric_row(evidence, condition, name)


def _metric_row(evidence: Evidence, condition: Condition, name: str) -> dict[str, object]:
    study, records = evidence.study, evidence.of(condition)
    values = evidence.numbers(condition, name)
    mean, sd = mean_and_sd(values)
    return {
        "experiment": study.experiment.id,
        "scale": study.scale,
        "variant": study.variant,
        "arm": condition.arm,
        **{f"factor.{factor}": value for factor, value in condition.levels.items()},
        "metric": name,
        "unit": study.experiment.metrics[name].unit,
        "runs": len(records),
        "diverged": len(evidence.diverged(condition)),
        "n": int(np.count_nonzero(~np.isnan(values))),
        "mean": mean,
        "sd": sd,
        **{f"seed {record.run.seed}": value for record, value in zip(records, values, strict=True)},
    }


def mean_and_sd(values: Array) -> tuple[float, float]:
    """Of what is not NaN, with n - 1: to the bit what pandas has, which takes a hundred times as long."""
    known = ~np.isnan(values)
    n = np.count_nonzero(known)
    # Infinite and huge values have no mean or no deviation; that is no cause for a warning.
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.where(known, values, 0.0).sum() / n if n else np.nan
        squares = np.where(known, (mean - values) ** 2, 0.0).sum()
    return float(mean), float(np.sqrt(squares / (n - 1))) if n > 1 else np.nan
