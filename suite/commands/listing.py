"""``list``: the experiments and their claims."""

import argparse
import sys

from suite.commands.choose import not_run, studies, without_packs
from suite.commands.selection import Selection
from suite.plain import columns
from suite.printing import print_json
from suite.study import Study


def run(options: argparse.Namespace) -> int:
    """Print the experiments, as text or as a JSON list."""
    chosen = studies(Selection.of(options), reading=True)
    if options.json:
        print_json([described(study) for study in chosen])
        return 0
    for study in chosen:
        sys.stdout.write(text(study) + "\n")
    sys.stdout.write(not_run(chosen) + without_packs(chosen))
    return 0


def described(study: Study) -> dict[str, object]:
    """One experiment as the JSON list has it."""
    experiment = study.experiment
    return {
        "id": experiment.id,
        "variant": study.variant,
        "title": experiment.title,
        "paper": experiment.paper,
        "figure": experiment.figure,
        "tags": list(experiment.tags),
        "not_run": study.not_run_in_short or None,
        "claims": [
            {"id": name, "says": claim.says, "kind": claim.kind} for name, claim in experiment.claims.items()
        ],
    }


def text(study: Study) -> str:
    """One experiment as a few lines."""
    experiment, source = study.experiment, (study.paper.id, study.experiment.figure)
    head = f"{experiment.id}  " + _in_a_line(f"{experiment.title} ({', '.join(filter(None, source))})")
    tags = [f"    tags: {', '.join(experiment.tags)}"] if experiment.tags else []
    claims = columns([(f"    {name}", _in_a_line(claim.says)) for name, claim in experiment.claims.items()])
    return "".join(f"{line}\n" for line in (head, *tags, claims))


def _in_a_line(words: str) -> str:
    """Words that may be written over several lines, which would look like lines of the list."""
    return " ".join(words.split())
