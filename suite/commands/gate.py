"""``gate``: an exit status from a comparison, by a rule."""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from suite.commands.compare import compared, draw, show
from suite.compare.compare import Comparison
from suite.compare.marks import COMPARED, Mark, gate_marks
from suite.compare.text import counts
from suite.plain import few

SHOWN = 50
"""Reasons that are told one by one."""


class Ruling(NamedTuple):
    """Whether a comparison passes, and why not."""

    reasons: tuple[str, ...]
    extent: str = ""
    """How much was compared, where that is not all."""

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def told(self) -> str:
        """The ruling in lines."""
        if self.passed:
            return f"gate: passed {self.extent}".rstrip() + "\n"
        return "\n".join(["gate: failed", *(f"    {line}" for line in few(self.reasons, SHOWN))]) + "\n"


def run(options: argparse.Namespace) -> int:
    """Compare and rule; status 1 where the gate fails."""
    marks = gate_marks(options.fail_on)
    found = compared(options)
    ruling = rule(found, marks)
    gate = {"passed": ruling.passed, "fail_on": list(marks), "reasons": list(ruling.reasons)}
    show(found, options, ruling.told(), {"gate": gate})
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
    return Ruling((*claims, *runs), _extent(found, marks))


def _extent(found: Comparison, marks: Sequence[Mark]) -> str:
    """How many claims were compared, and what makes the others count; empty where all were."""
    lone = [claim.mark for claim in found.claims if claim.mark not in COMPARED]
    compared, every = len(found.claims) - len(lone), len(found.claims) + found.silent
    if compared in (0, every):
        return ""
    told = [f"{compared} of {every} claims compared"]
    if found.silent:
        told.append(f"{found.silent} have no run on either side")
    if words := dict.fromkeys(mark.replace(" ", "-") for mark in lone if mark not in marks):
        told.append(f"--fail-on {','.join(words)} makes the others count")
    return f"({'; '.join(told)})"
