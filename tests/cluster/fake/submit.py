"""The fake sbatch: reads a batch file's #SBATCH lines as SLURM does, and queues it or refuses."""
# ruff: noqa: PTH109, PTH123

import os
import re
import sys

from tests.cluster.fake.state import ACTIVE, Array, Record, State

FAILED = "Batch job submission failed: "
ARGUMENT = {
    *("account", "array", "begin", "chdir", "comment", "constraint", "cpus-per-gpu", "cpus-per-task"),
    *("dependency", "error", "exclude", "export", "gpus", "gpus-per-node", "gpus-per-task", "gres"),
    *(
        "input",
        "job-name",
        "licenses",
        "mail-type",
        "mail-user",
        "mem",
        "mem-per-cpu",
        "mem-per-gpu",
        "mincpus",
    ),
    *("nice", "nodelist", "nodes", "ntasks", "ntasks-per-node", "open-mode", "output", "partition"),
    *("prefer", "priority", "qos", "reservation", "signal", "time", "tmp", "wckey"),
}
FLAG = {"contiguous", "hold", "no-requeue", "overcommit", "parsable", "requeue", "test-only", "wait"}
EITHER = {"exclusive", "nice", "oversubscribe"}
SHORT = {"p": "partition", "t": "time", "J": "job-name", "o": "output", "e": "error", "d": "dependency"}
TIME = re.compile(r"\d+(:\d+){0,2}|\d+-\d+(:\d+){0,2}")
FORMS = {
    "time": (TIME, "Invalid --time specification"),
    "nodes": (re.compile(r"\d+(-\d+)?"), "Invalid --nodes specification"),
    "ntasks-per-node": (re.compile(r"[1-9]\d*"), "Invalid numeric value for --ntasks-per-node."),
    "cpus-per-task": (re.compile(r"[1-9]\d*"), "Invalid numeric value for --cpus-per-task."),
    "mem": (re.compile(r"\d+([KMGT]B?)?", re.IGNORECASE), "Invalid --mem specification"),
    "signal": (re.compile(r"([RB]+:)?\w+(@\d+)?"), "Invalid --signal specification"),
    "open-mode": (re.compile("append|truncate"), "Invalid --open-mode specification"),
}


class Refused(Exception):
    """What sbatch says on stderr."""


class Unknown(Exception):
    """An option that it does not know."""


def sbatch(words: list[str]) -> int:
    """Queue the batch file that is the last word."""
    state = State.here()
    try:
        array = _read(words, state)
        _kill(state, "before")
        with state.locked():
            _check_limits(array, state)
            array.id = state.next_id()
            state.save(array)
    except Refused as refused:
        sys.stderr.write("".join(f"sbatch: error: {line}\n" for line in str(refused).splitlines()))
        return 1
    except Unknown as unknown:
        sys.stderr.write(
            f"sbatch: unrecognized option '{unknown}'\nTry \"sbatch --help\" for more information\n"
        )
        return 255
    _kill(state, "after")
    if state.settings.unheard:
        sys.stderr.write(f"sbatch: error: {FAILED}Socket timed out on send/recv operation\n")
        return 1
    print(array.id if "parsable" in array.options else f"Submitted batch job {array.id}")
    return 0


def _kill(state: State, when: str) -> None:
    import signal

    if state.settings.kill == when:
        os.kill(os.getppid(), signal.SIGKILL)
        if when == "before":
            sys.exit(1)


def _read(words: list[str], state: State) -> Array:
    given, rest = options(words)
    if not rest:
        raise Refused("This fake reads no batch script from standard input")
    try:
        with open(rest[0], "rb") as file:
            script = file.read()
    except OSError:
        raise Refused(f"Unable to open file {rest[0]}") from None
    if not script.startswith(b"#!"):
        raise Refused(
            "This does not look like a batch script.  The first\nline must start with #! followed by"
        )
    chosen = options(directives(os.fsdecode(script)))[0] | given
    _check_forms(chosen)
    return Array(
        id=0,
        script=script,
        options=chosen,
        environment=dict(os.environ),
        folder=chosen.get("chdir", os.getcwd()),
        submitted=state.now(),
        indices=indices(chosen["array"]) if "array" in chosen else None,
        throttle=int(chosen.get("array", "").partition("%")[2] or 0),
        rest=Record(),
        changed={},
    )


def directives(script: str) -> list[str]:
    """The words of all #SBATCH lines before the first command."""
    found: list[str] = []
    for number, line in enumerate(script.split("\n"), 1):
        if line.startswith("#SBATCH"):
            found += split(line.removeprefix("#SBATCH"), number)
        elif line.strip() and not line.lstrip().startswith("#"):
            break
    return found


def split(line: str, number: int = 0) -> list[str]:
    """A line's words by SLURM's own rules: a backslash escapes even between single quotes, and an
    unquoted # begins a comment.
    """
    words, word, quote, escaped = [], None, "", False
    for sign in line:
        if escaped:
            escaped, word = False, (word or "") + sign
        elif sign == "\\":
            escaped = True
        elif quote:
            quote, word = ("", word or "") if sign == quote else (quote, (word or "") + sign)
        elif sign in "\"'":
            quote, word = sign, word or ""
        elif sign == "#":
            break
        elif sign.isspace():
            words, word = [*words, *([word] if word else [])], None
        else:
            word = (word or "") + sign
    if quote:
        raise Refused(f"line {number}: Unmatched `{quote}` in [{line}]")
    return [*words, *([word] if word else [])]


def options(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options by their long names, and the words after them."""
    found: dict[str, str] = {}
    waiting = list(words)
    while waiting and waiting[0].startswith("-"):
        word = waiting.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            name, equals, value = SHORT.get(word[1:2], word), word[2:], word[2:]
        if name not in ARGUMENT | FLAG | EITHER:
            raise Unknown(word)
        if name in ARGUMENT - EITHER and not equals:
            value = waiting.pop(0)
        found[name] = value
    return found, waiting


def indices(text: str) -> list[int]:
    """An --array's indices, in order."""
    found: set[int] = set()
    for part in text.partition("%")[0].split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+)(?::(\d+))?)?", part)
        if match is None:
            raise Refused(f"{FAILED}Invalid job array specification")
        first, last, step = match.groups()
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return sorted(found)


def _check_forms(chosen: dict[str, str]) -> None:
    for name, (form, message) in FORMS.items():
        if name in chosen and not form.fullmatch(chosen[name]):
            raise Refused(message)


def _check_limits(array: Array, state: State) -> None:
    settings, count = state.settings, len(array.names())
    if array.indices and array.indices[-1] >= settings.max_array:
        raise Refused(f"{FAILED}Invalid job array specification")
    for name in filter(None, array.option("partition").split(",")):
        if name not in settings.partitions:
            raise Refused(f"invalid partition specified: {name}\n{FAILED}Invalid partition name specified")
    if not re.fullmatch(
        r"((after|afterany|afterok|afternotok)(:\d+(_\d+)?)+,?)*", array.option("dependency")
    ):
        raise Refused(f"{FAILED}Job dependency problem")
    queued = sum(each.record(name).state in ACTIVE for each in state.arrays() for name in each.names())
    if settings.max_submit is not None and queued + count > settings.max_submit:
        why = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
        raise Refused(f"AssocMaxSubmitJobLimit\n{FAILED}{why}")
    if queued + count > settings.max_jobs:
        raise Refused(f"{FAILED}Resource temporarily unavailable")
