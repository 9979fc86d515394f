"""The parts of docs/verdict.md that follow one experiment from its file to its verdicts."""

from pathlib import Path
from typing import Final

from pages.verdicts import Verdicts, cell, table
from suite.report.words import number
from suite.store.reference import Reference

EXPERIMENT, CLAIM, METRIC, START = "wgan-gp/gradient-norms", "clip_0_1_explodes", "slope", "slope_start"
FILE: Final = Path("wgan_gp", "gradient_norms.yaml")
ARMS: Final = ("clip 0.1", "clip 0.1 inside")


def parts(verdicts: Verdicts) -> dict[str, str]:
    """By the name of their marks, the pieces of the page."""
    text = (verdicts.experiments / FILE).read_text(encoding="utf-8")
    return {
        "file": f"```yaml\n{claim_text(text)}```\n",
        "seeds": seeds(verdicts.references["desk"]) + "\n",
        "verdicts": of_experiment(verdicts) + "\n",
    }


def claim_text(text: str) -> str:
    """The claim as it stands in the experiment's file."""
    lines = text.splitlines(keepends=True)
    first = lines.index(f"  {CLAIM}:\n")
    rest = (i for i in range(first + 1, len(lines)) if not lines[i].startswith("   "))
    return "claims:\n" + "".join(lines[first : next(rest)])


def seeds(reference: Reference) -> str:
    """What each seed came to, trained and before, in the claim's arm and in its positive control."""
    records = [
        record
        for record in reference.records.values()
        if record.run.experiment == EXPERIMENT and record.run.arm in ARMS
    ]
    found = {(r.run.arm, r.run.seed, m): r.metrics[m].number() for r in records for m in (METRIC, START)}
    numbers = sorted({seed for _, seed, _ in found})
    columns = [(ARMS[0], METRIC), (ARMS[0], START), (ARMS[1], METRIC)]
    rows = [[str(seed), *(number(found[arm, seed, m]) for arm, m in columns)] for seed in numbers]
    return table(["seed", *(f"`{metric}` of {arm}" for arm, metric in columns)], rows)


def of_experiment(verdicts: Verdicts) -> str:
    """The experiment's claims at desk scale."""
    rows = [row for row in verdicts.rows if row.experiment == EXPERIMENT]
    cells = [[f"`{r.name}`", r.claim.says, r.required["desk"], cell(r, "desk")] for r in rows]
    return table(["claim", "says", "required", "at desk scale"], cells)
