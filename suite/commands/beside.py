"""What ``run`` and the report of a cluster's last job say of the committed reference."""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence

from suite import places
from suite.store.record import Record
from suite.store.store import Store
from suite.study import Study


def beside_reference(
    options: argparse.Namespace, chosen: Sequence[Study], records: Mapping[str, Record], store: Store
) -> str:
    """Lines about how these results stand beside the reference; empty where it has nothing of them. Never
    an error: a run does not fail for what it is compared with.
    """
    try:
        from suite.compare.beside import beside, told

        found = beside(chosen, records, store)
        return "" if found is None else "\n" + told(found, again(options), sys.stdout.encoding)
    except Exception as error:  # Whatever it is, the run is done and its report is due.
        return f"\nnot compared with the reference: {str(error).partition(chr(10))[0]}\n"


def again(options: argparse.Namespace) -> str:
    """The command that tells all."""
    tags = [word for tag in options.tag for word in ("--tag", tag)]
    tags += [word for folder in options.pack for word in ("--pack", str(folder))]
    scale = [] if options.scale == "desk" else ["--scale", options.scale]
    given = (
        ("experiments", options.experiments, places.EXPERIMENTS),
        ("results", options.results, places.RESULTS),
    )
    folders = [word for name, one, usual in given if one != usual for word in (f"--{name}", str(one))]
    words = ["compare", "reference", "now", *options.what, *tags, *scale, *folders]
    return f"{places.COMMAND} {shlex.join(words)}"
