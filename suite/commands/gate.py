"""``gate``: an exit status from a comparison, by a rule."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NamedTuple

from suite.commands.compare import compared, draw, save
from suite.compare.as_json import as_json
from suite.compare.compare import Comparison
from suite.compare.markdown import markdown
from suite.compare.marks import COMPARED, Mark, gate_marks
from suite.compare.text import counts, text
from suite.plain import few
from suite.printing import width

SHOWN = 50
"""Reasons that are told one by one."""


class Ruling(NamedTuple):
    """Whether a comparison passes, and why not."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def told(self) -> str:
        """The ruling in lines."""
        if self.passed:
            return "gate: passed\n"
        return "\n".join(["gate: failed", *(f"    {line}" for line in few(self.reasons, SHOWN))]) + "\n"


def run(options: argparse.Namespace) -> int:
    """Compare and rule; status 1 where the gate fails."""
    marks = gate_marks(options.fail_on)
    found = compared(options)
    ruling = rule(found, marks)
    if options.markdown is not None:
        save(options.markdown, f"{markdown(found)}\n```\n{ruling.told()}```\n")
    if options.json:
        gate = {"passed": ruling.passed, "fail_on": list(marks), "reasons": list(ruling.reasons)}
        json.dump({**as_json(found), "gate": gate}, sys.stdout, indent=2, allow_nan=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(f"{text(found, width(), sys.stdout.encoding)}\n{ruling.told()}")
    draw(found, options)
    return 0 if ruling.passed else 1


def rule(found: Comparison, marks: Sequence[Mark]) -> Ruling:
    """What fails the gate: each claim and each run that has one of the marks; that nothing was compared."""
    if not found.compared:
        had = counts(run.mark for run in found.runs) or "no run on either side"
        return Ruling((f"nothing was compared: {had}",))
    if found.claims and not any(claim.mark in COMPARED for claim in found.claims):
        return Ruling((f"no claim was compared: {counts(claim.mark for claim in found.claims)}",))
    claims = [f"{claim.mark}: {claim.id}" for claim in found.claims if claim.mark in marks]
    runs = [f"{run.mark}: run {run.id}" for run in found.runs if run.mark in marks]
    return Ruling((*claims, *runs))
