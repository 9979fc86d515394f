"""The command line: reads arguments, calls the rest, and turns errors into exit statuses.

Nothing heavy is imported before it is needed: a command that does not train answers at once.
"""

import argparse
import math
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from suite import arguments as common
from suite import places, printing
from suite.compare import arguments as of_comparisons
from suite.errors import USER_ERROR, UserError
from suite.folders import real
from suite.parser import Parser, Version
from suite.plain import columns
from suite.revisions import arguments as of_revisions
from suite.spec.packs import noted
from suite.store.files import no_room

INTERRUPTED = 130

DESCRIPTION = """\
Which claims about Wasserstein GANs hold here? Experiments under experiments/ state what papers
claim and the rule that decides each claim; `run` trains what is missing, judges and reports.
"""
EXAMPLES = (
    ("run", "everything at desk scale, in minutes on two cores"),
    ('plan "wgan-gp/*"', "what that would train, how long, with which power"),
    ("run gradient-norms iterations=1000", "one experiment, with an override"),
    ("run mode-coverage optimizer.lr=1e-3,1e-4", "a sweep: one variant for each value"),
    ("report --json", "the verdicts as they stand, for a program"),
    ("launch --cluster mine --scale paper", "submit to SLURM what is missing"),
    ("compare HEAD~1 now", "what a change of the code did to runs and claims"),
    ("data cifar10 --download", "fetch a data set; without words: which are there"),
)
"""Told by the help of all."""
FURTHER = (
    ("list --tag images", "those on images, with their claims"),
    ('validate "my-paper/*" --pack my_paper', "the experiments of a pack of your own"),
    ("plan --measure", "everything, by the speed of this machine at the moment"),
    ("plan --scale paper --cluster mine", "what `launch` would submit"),
    ("run gradient-norms --scale smoke", "seconds: whether it runs at all; no verdicts"),
    ("run gradient-norms --revision HEAD~1", "by the code of the commit before, beside the results of now"),
    ("status --watch", "until all is over"),
    ("cancel gradient-norms --scale paper", "its jobs; tells whose runs are in them too"),
    ('report "wgan-gp/*"', "a page with these experiments alone"),
    ("determinism gradient-norms", "six of its runs"),
    ("reference --force", "when results have changed on purpose: see docs/release.md"),
    ("reference line-descent --scale paper", "of what was trained at another scale, with its figures"),
    ("compare reference now --page differences", "with both sides' figures laid over each other"),
    ("gate reference now --fail-on flipped", "status 1 where a verdict has turned"),
    ("bisect wgan/line-descent:critic_leads_to_zero HEAD~20 HEAD", "the commit that turned its verdict"),
    ("doctor --cluster mine", "partitions, shared folders, a first small job"),
    ("versions --remove-others", "make room: results of the code as it is, and of HEAD, stay"),
    ("new my-paper/first-figure", "a folder with an experiment to fill in"),
)
"""Told by the help of their commands."""
TAKEN_BACK = """\
A job may train runs of several experiments, side by side. It is taken back as a whole; `cancel` names the
others, with the command that starts them again. The job that goes on with further looks stays as long as
its launch was of other experiments too, and goes on with those.
"""
STATUSES = """\
exit status: 0 all is well; 1 a run failed, data for one are missing (for `launch`: for all), or a gate or
check did not pass; 2 a mistake in the command or a file; 130 interrupted (run again to go on).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    places.settle()
    printing.settle()
    options = parse(arguments)
    noted.taken()  # Of a command before, in the same process.
    try:
        _place_data(options.data)
        _place_packs(options.pack, getattr(options, "results", None))
        command: Callable[[argparse.Namespace], int] = options.command
        status = command(options)
        sys.stdout.flush()
    except UserError as error:
        print(f"error: {places.with_program_name(str(error))}", file=sys.stderr)  # noqa: T201
        return USER_ERROR
    except KeyboardInterrupt:
        print("\nstopped; nothing is lost: run the same command again to go on", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except OSError as error:
        if not (told := no_room(error) or _of_path(error)):
            raise
        print(f"error: {told}", file=sys.stderr)  # noqa: T201
        return USER_ERROR
    return status or _faults()


def _faults() -> int:
    """Tell of packs' faults that the command went on without; the status for that."""
    found = noted.taken().values()
    for text in found:
        print(f"error: {places.with_program_name(text)}", file=sys.stderr)  # noqa: T201
    return USER_ERROR if found else 0


def _of_path(error: OSError) -> str:
    """What a path cannot be used for: nearly always one that was given; empty where none is known."""
    return f"{error.filename}: {error.strerror}" if isinstance(error.filename, str) else ""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command's options; experiments and overrides may stand between them."""
    top = parser()
    options, rest = top.parse_known_args(arguments)
    unknown = [word for word in rest if word.startswith("-")]
    if unknown:
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if rest and not options.parser.takes("what"):
        options.parser.error(f"no words are taken beyond: {' '.join(rest)}")
    options.what = [*options.what, *rest]
    return options


def _place_data(folder: Path | None) -> None:
    """Name the folder of data for this process and those it starts."""
    if folder is not None:
        os.environ["WGAN_SUITE_DATA"] = str(real(folder))


def _place_packs(folders: list[Path], results: Path | None) -> None:
    """Name folders of packs for this process and those it starts."""
    if folders:
        from suite.spec.packs.found import place
        from suite.spec.packs.sources import require_outside

        place(folders)
        require_outside(folders, results)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = Parser(
        prog=places.COMMAND,
        description=DESCRIPTION,
        epilog=f"examples:\n{_examples(EXAMPLES)}\n\n{STATUSES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=Version, nargs=0, help="print the version, and that of results")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in (COMMANDS | APART).items():
        one = commands.add_parser(name, help=command.summary, description=command.summary)
        one.set_defaults(command=command.run, parser=one, what=[], tag=[], pack=[], data=None)
        if name in COMMANDS:
            _selection(one)
        if name != "new":  # Its pack is one to be written.
            _folders(one)
        command.extend(one)
        _explain(one, name)
    return top


def _explain(one: argparse.ArgumentParser, name: str) -> None:
    """Examples, below whatever else is said of a command."""
    own = [(words, about) for words, about in (*EXAMPLES, *FURTHER) if words.split()[0] == name]
    one.epilog = "\n".join(filter(None, [one.epilog, f"examples:\n{_examples(own)}"]))
    one.formatter_class = argparse.RawDescriptionHelpFormatter


def _examples(shown: Sequence[tuple[str, str]]) -> str:
    return columns([(f"  {places.COMMAND} {words}", about) for words, about in shown])


def _selection(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "what",
        nargs="*",
        metavar="EXPERIMENT|PATH=VALUE",
        help="ids or globs of experiments (default: all), and overrides such as critic.width=128; "
        "several values, a.b=1,2, make a variant of the experiment each",
    )
    common.choosing(one)
    common.scale(one)
    common.experiments(one)
    common.results(one)


def _folders(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--pack",
        action="append",
        type=common.folder,
        default=[],
        metavar="FOLDER",
        help="a folder with more experiments, and code for them; may be repeated (also the variable "
        "WGAN_SUITE_PACKS; installed packs need none)",
    )
    one.add_argument(
        "--data",
        type=common.folder,
        metavar="DIR",
        help="folder of image data (default: the variable WGAN_SUITE_DATA, else data/ beside this program, "
        "or here where it was installed)",
    )


def _running(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--workers",
        type=common.count,
        metavar="N",
        help="worker processes, of one thread each; results do not depend on it (default: all cores, or one "
        "where there is a GPU)",
    )
    one.add_argument(
        "--checkpoint",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how often a run under way is saved; what a crash can cost (default: 10)",
    )
    one.add_argument("--no-report", action="store_true", help="train and judge only, draw and write nothing")
    common.quiet(one)


def _watched(one: argparse.ArgumentParser) -> None:
    common.as_json(one)
    one.add_argument("--watch", action="store_true", help="look again every few seconds until all is over")


def _cluster(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--cluster",
        default="default",
        metavar="NAME",
        help="profile of the cluster: clusters/NAME.yaml here or ~/.config/wgan-suite/NAME.yaml, or a path "
        "(default: default)",
    )
    one.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change the profile, such as partition=gpu or time=2h; may be repeated",
    )


def _launching(one: argparse.ArgumentParser) -> None:
    _cluster(one)
    one.add_argument(
        "--no-follow-up", action="store_true", help="no job at the end that submits further looks and reports"
    )
    # What that job itself is called with.
    one.add_argument("--follow", action="store_true", help=argparse.SUPPRESS)


def _taken_back(one: argparse.ArgumentParser) -> None:
    one.epilog = TAKEN_BACK


def _planned(one: argparse.ArgumentParser) -> None:
    common.as_json(one)
    _cluster(one)
    one.add_argument(
        "--measure", action="store_true", help="train for some seconds to tell how fast this machine is"
    )
    one.set_defaults(cluster="", follow=False)


def _examined(one: argparse.ArgumentParser) -> None:
    _cluster(one)
    common.as_json(one)
    one.add_argument(
        "--no-job", dest="job", action="store_false", help="look only at what the login node can tell"
    )
    common.results(one, "folder of results, to be shared with the nodes")


def _forced(one: argparse.ArgumentParser) -> None:
    one.add_argument("--force", action="store_true", help="write over the reference of a release")


def _data_sets(one: argparse.ArgumentParser) -> None:
    one.add_argument("what", nargs="*", metavar="NAME", help="data sets (default: all)")
    common.as_json(one)
    step = one.add_mutually_exclusive_group()
    step.add_argument("--check", action="store_true", help="compare checksums; status 1 where one differs")
    step.add_argument("--download", action="store_true", help="fetch the named sets, and prepare them")
    step.add_argument("--prepare", action="store_true", help="prepare the named sets from files in place")


def _starting(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", metavar="PAPER/EXPERIMENT", help="its id, such as my-paper/first-figure")
    one.add_argument(
        "--pack",
        dest="into",
        type=common.folder,
        metavar="FOLDER",
        help="the pack to write it into; it is made where there is none (default: a folder here, PAPER)",
    )


def _kept(one: argparse.ArgumentParser) -> None:
    common.results(one)
    common.as_json(one)
    one.add_argument(
        "--remove",
        action="append",
        default=[],
        metavar="VERSION",
        help="remove the results of this version; may be repeated",
    )
    one.add_argument(
        "--remove-others",
        action="store_true",
        help="remove those of all code but that which is here, and that of the last commit (HEAD)",
    )


def _nothing(one: argparse.ArgumentParser) -> None:
    pass


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")
    return value


def _module(name: str) -> Callable[[argparse.Namespace], int]:
    """The command in ``suite/commands/<name>.py``, which is imported when it is called."""

    def call(options: argparse.Namespace) -> int:
        command: Callable[[argparse.Namespace], int] = import_module(f"suite.commands.{name}").run
        return command(options)

    return call


def _run(options: argparse.Namespace) -> int:
    return _module("run" if options.revision is None else "at_revision")(options)


def _running_somewhere(one: argparse.ArgumentParser) -> None:
    _running(one)
    one.add_argument(
        "--without-gpu",
        action="store_true",
        help="train at gpu or paper scale where no GPU is, though it takes hours or years",
    )
    of_revisions.at_revision(one)


class Command(NamedTuple):
    """What a command does, what help says of it, and what adds the options that are its own."""

    run: Callable[[argparse.Namespace], int]
    summary: str
    extend: Callable[[argparse.ArgumentParser], None]


COMMANDS: dict[str, Command] = {
    "list": Command(_module("listing"), "the experiments and their claims", common.as_json),
    "validate": Command(_module("validate"), "check experiment files, at every scale", _nothing),
    "plan": Command(_module("plan"), "what `run` would train, how long, and each claim's power", _planned),
    "run": Command(_run, "train what is missing, judge every claim, write the report", _running_somewhere),
    "launch": Command(_module("launch"), "submit what is missing to SLURM, and return at once", _launching),
    "status": Command(_module("status"), "where every run stands, here or on a cluster", _watched),
    "cancel": Command(_module("cancel"), "take back the jobs of experiments from the cluster", _taken_back),
    "report": Command(_module("report"), "judge and report what is there, training nothing", common.as_json),
    "determinism": Command(
        _module("determinism"),
        "train runs twice, in other batches, workers and threads: the same bits, or the noise floor",
        of_revisions.determinism,
    ),
    "reference": Command(
        _module("reference"),
        "write these results, aggregated, as the reference of this release",
        _forced,
    ),
}
# Apart from the others, since they choose experiments in their own way or take none.
APART: dict[str, Command] = {
    "compare": Command(_module("compare"), "two versions' results side by side", of_comparisons.comparing),
    "gate": Command(_module("gate"), "compare, and end with status 1 by a rule", of_comparisons.gating),
    "bisect": Command(
        _module("bisect"),
        "the commit that flipped a verdict, or changed the bits of a run",
        of_revisions.bisecting,
    ),
    "doctor": Command(_module("doctor"), "check a cluster before the first launch", _examined),
    "new": Command(
        _module("new"), "a starting point for an experiment of your own, outside the suite", _starting
    ),
    "versions": Command(
        _module("versions"), "which versions of the code have results here, and their size", _kept
    ),
    "data": Command(_module("data"), "which data sets are here, and how to get the others", _data_sets),
}
