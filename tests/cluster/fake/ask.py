"""The fake squeue, sacct, scontrol, scancel and sacctmgr: the questions that the suite asks.

Whatever SLURM's own commands would understand and these do not ends with status 99.
"""

import itertools
import os
import sys

from tests.cluster.fake.state import ACTIVE, UID, Array, Record, State, waits_for

BITS = 64
"""Characters of an array's indices, unless the variable SLURM_BITSTR_LEN says otherwise; 0 for all."""


class Unknown(Exception):
    """A question that this fake cannot answer."""


def chosen(words: list[str], flags: list[str], valued: list[str]) -> tuple[dict[str, str], list[str]]:
    """A command's options and its other words. Names have their hyphens."""
    found: dict[str, str] = {}
    rest: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if name in flags and not equals:
            found[name] = ""
        elif name in valued:
            found[name] = ",".join(filter(None, [found.get(name), value if equals else waiting.pop(0)]))
        elif word.startswith("-"):
            raise Unknown(word)
        else:
            rest.append(word)
    return found, rest


def squeue(words: list[str]) -> int:
    """Jobs that wait or run, a line each; the waiting ones of an array on one without --array."""
    given, rest = chosen(
        words,
        ["--me", "--noheader", "-h", "--array", "-r"],
        ["--format", "-o", "--user", "-u", "--jobs", "-j"],
    )
    form = given.get("--format") or given.get("-o")
    if rest or not form or not {"--noheader", "-h"} & given.keys():
        raise Unknown("squeue without --noheader and --format")
    state = State.here()
    named = given.get("--jobs") or given.get("-j")
    arrays = state.arrays()
    if named:
        arrays = [array for array in arrays if str(array.id) in named.split(",")]
        if not arrays:
            sys.stderr.write("slurm_load_jobs error: Invalid job id specified\n")
            return 1
    apart = bool({"--array", "-r"} & given.keys())
    everything = {array.id: array for array in state.arrays()}
    for array in arrays:
        for name, record in lines_of(array, apart):
            if record.state in ACTIVE and not record.gone:
                why = _reason(array, record, everything, state.now())
                print(_filled(form, array, name, record, why))
    return 0


def lines_of(array: Array, apart: bool) -> list[tuple[str, Record]]:
    """A submission's jobs as squeue and sacct list them."""
    untouched = array.untouched()
    if not apart and array.indices is not None and untouched:
        throttle = f"%{array.throttle}" if array.throttle else ""
        numbers = [int(name.partition("_")[2]) for name in untouched]
        untouched = [f"{array.id}_[{shortened(numbers)}{throttle}]"]
    return [*((name, array.rest) for name in untouched), *array.changed.items()]


def shortened(numbers: list[int]) -> str:
    """Indices as ranges, cut off as SLURM cuts them."""
    step = numbers[1] - numbers[0] if len(numbers) > 2 else 1
    if step > 1 and list(numbers) == list(range(numbers[0], numbers[-1] + 1, step)):
        return f"{numbers[0]}-{numbers[-1]}:{step}"
    parts = []
    for _, group in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        parts.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    text = ",".join(parts)
    most = int(os.environ.get("SLURM_BITSTR_LEN") or BITS)
    return text if most == 0 or len(text) < most else text[: most - 4] + "..."


def _reason(array: Array, record: Record, arrays: dict[int, Array], now: float) -> str:
    if record.state != "PENDING":
        return "None"
    running = sum(each.state == "RUNNING" for each in array.changed.values())
    if why := waits_for(array, arrays):
        return why
    if record.begin > now:
        return "BeginTime"
    if array.throttle and running >= array.throttle:
        return "JobArrayTaskLimit"
    return record.reason or "Priority"


def _filled(form: str, array: Array, name: str, record: Record, why: str) -> str:
    fields = {
        "i": name,
        "T": record.state,
        "r": why,
        "N": record.node,
        "j": array.option("job-name", "submitit"),
        "F": str(array.id),
        "K": name.partition("_")[2] or "N/A",
        "P": array.option("partition", "main"),
        "u": "user",
    }
    text = ""
    signs = iter(form)
    for sign in signs:
        letter = next(signs) if sign == "%" else ""
        if letter and letter not in fields:
            raise Unknown(f"squeue's %{letter}")
        text += fields[letter] if letter else sign
    return text


def sacct(words: list[str]) -> int:
    """All jobs of the named submissions, ended or not."""
    flags = ["-X", "--allocations", "-n", "--noheader", "-P", "--parsable2", "--array", "-a"]
    given, rest = chosen(words, flags, ["-j", "--jobs", "-o", "--format", "-S", "--starttime"])
    columns = (given.get("-o") or given.get("--format") or "").split(",")
    named = (given.get("-j") or given.get("--jobs") or "").split(",")
    if rest or not {"-P", "--parsable2"} & given.keys() or columns == [""] or named == [""]:
        raise Unknown("sacct without --parsable2, jobs and a format")
    state = State.here()
    if not state.settings.accounting:
        sys.stderr.write("Slurm accounting storage is disabled\n")
        return 1
    if not {"-n", "--noheader"} & given.keys():
        print("|".join(columns))
    for array in state.arrays():
        if any(name.partition("_")[0] == str(array.id) for name in named):
            _account(array, columns, apart="--array" in given, steps="-X" not in given)
    return 0


def _account(array: Array, columns: list[str], apart: bool, steps: bool) -> None:
    for name, record in lines_of(array, apart):
        # SLURM 22.05 accounts for no element that was cancelled by itself while it waited.
        if record.gone or (name in array.changed and record.state == "CANCELLED" and not record.started):
            continue
        print("|".join(_column(column, array, name, record) for column in columns))
        if steps and record.started:
            for step in ("batch", "extern", "0"):
                print("|".join(_column(column, array, f"{name}.{step}", record) for column in columns))


def _column(column: str, array: Array, name: str, record: Record) -> str:
    cancelled = record.state == "CANCELLED" and record.by >= 0 and "." not in name
    fields = {
        "JobID": name,
        "JobIDRaw": str(record.job or array.id),
        "State": f"CANCELLED by {record.by}" if cancelled else record.state,
        "ExitCode": record.code,
        "NodeList": record.node or "None assigned",
        "JobName": array.option("job-name", "submitit"),
    }
    if column not in fields:
        raise Unknown(f"sacct's {column}")
    return fields[column]


def scontrol(words: list[str]) -> int:
    """``show config``, ``show job`` and ``requeue``."""
    state = State.here()
    if list(words) == ["show", "config"]:
        sys.stdout.write(_config(state))
        return 0
    if len(words) == 2 and words[0] == "requeue":
        return _requeue(state, words[1])
    if list(words[:3]) == ["-o", "show", "job"] and len(words) == 4:
        return _show(state, words[3])
    raise Unknown(" ".join(words))


def _config(state: State) -> str:
    values = {
        "AccountingStorageHost": "localhost",
        "ClusterName": "fake",
        "KillWait": "30 sec",
        "MaxArraySize": state.settings.max_array,
        "MaxJobCount": state.settings.max_jobs,
        "MaxJobId": 67043328,
        "MinJobAge": "300 sec",
        "SLURM_VERSION": "22.05.8",
    }
    lines = [f"{name:<23} = {value}" for name, value in values.items()]
    return "\n".join(
        ["Configuration data as of 2026-11-21T12:00:00", *lines, "", "Slurmctld(primary) at fake is UP", ""]
    )


def _show(state: State, name: str) -> int:
    """A line a job: an array's own number means all of it, even where one of its jobs has that number."""
    array = state.array_of(name)
    if array is None:
        sys.stderr.write("slurm_load_jobs error: Invalid job id specified\n")
        return 1
    for each in [name] if "_" in name else array.names():
        record = array.record(each)
        preempted = "2026-11-21T12:00:00" if record.preempted else "None"
        print(f"JobId={record.job or array.id} JobState={record.state} PreemptTime={preempted}")
    return 0


def _requeue(state: State, name: str) -> int:
    array = state.array_of(name)
    if array is None or name not in array.names():
        sys.stderr.write(f"Invalid job id specified for job {name}\n")
        return 1
    if array.record(name).state == "PENDING":
        sys.stderr.write(f"Job is pending execution for job {name}\n")
        return 1
    requeue(state, name)
    return 0


def requeue(state: State, name: str) -> None:
    """Put a running job back into the queue, where it must wait two minutes."""
    with state.changing(name) as record:
        record.state, record.node, record.restarts = "PENDING", "", record.restarts + 1
        record.preempted = False
        record.begin = state.now() + 121
        steps = list(record.steps)
    tell(steps, "TERM")


def scancel(words: list[str]) -> int:
    """Cancel jobs, or send them a signal; in some versions one that nobody knows is an error."""
    given, names = chosen(words, ["--quiet", "-Q"], ["--signal", "-s"])
    if not names:
        sys.stderr.write("scancel: error: No job identification provided\n")
        return 1
    word = given.get("--signal") or given.get("-s")
    state = State.here()
    arrays = {array.id: array for array in state.arrays()}
    known = [name for name in names if _is_known(arrays.get(_number(name)), name)]
    unknown = [name for name in names if name not in known] if state.settings.strict else []
    for name in unknown:
        sys.stderr.write(f"scancel: error: Kill job error on job id {name}: Invalid job id specified\n")
    if word:
        for name in known:
            tell(arrays[_number(name)].record(name).steps, word.removeprefix("SIG"))
    else:
        cancel(state, known)
    return 1 if unknown else 0


def _number(name: str) -> int:
    number = name.partition("_")[0]
    return int(number) if number.isdecimal() else 0


def _is_known(array: Array | None, name: str) -> bool:
    if array is None or array.record(name).gone:
        return False
    return name == str(array.id) or int(name.partition("_")[2] or -1) in (array.indices or ())


def cancel(state: State, names: list[str]) -> None:
    """Cancel jobs, or what is left of arrays; jobs that still wait then keep one record together."""
    steps: list[int] = []
    with state.locked():
        for key, group in itertools.groupby(names, lambda name: name.partition("_")[0]):
            array = state.array_of(key)
            assert array is not None
            for name in group:
                own = [state.split(array, name)] if "_" in name else [*array.changed.values(), array.rest]
                for record in (record for record in own if record.state in ACTIVE):
                    record.state, record.by, record.ended = "CANCELLED", UID, state.now()
                    steps += record.steps
            state.save(array)
    tell(steps, "TERM")


def tell(processes: list[int], what: str) -> None:
    """Send processes the signal of this name; those that have gone are left alone."""
    import signal

    for process in processes:
        try:
            os.kill(process, signal.Signals[f"SIG{what}"])
        except ProcessLookupError:
            continue


def sacctmgr(words: list[str]) -> int:
    """The most jobs that this user may have in the queue."""
    state = State.here()
    if not state.settings.accounting:
        sys.stderr.write("You are not running a supported accounting_storage plugin\n")
        sys.stderr.write("Only 'accounting_storage/slurmdbd' is supported.\n")
        return 1
    given, rest = chosen(words, ["-n", "-P", "--noheader", "--parsable2"], [])
    if rest[:2] != ["show", "assoc"] or rest[-1] != "format=MaxSubmitJobs" or len(given) != 2:
        raise Unknown(" ".join(words))
    limit = state.settings.max_submit
    print("" if limit is None else limit)
    return 0


COMMANDS = {
    "squeue": squeue,
    "sacct": sacct,
    "scontrol": scontrol,
    "scancel": scancel,
    "sacctmgr": sacctmgr,
}
