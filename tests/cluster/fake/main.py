"""One program for all commands of the fake scheduler; its first word says which."""
# ruff: noqa: PTH100, PTH118, PTH120

import os
import sys
import time

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3)))

from tests.cluster.fake.state import State

CONTACT = "Unable to contact slurm controller (connect failure)"
SILENCE = {
    "sbatch": f"sbatch: error: Batch job submission failed: {CONTACT}",
    "squeue": f"slurm_load_jobs error: {CONTACT}",
    "scontrol": f"slurm_load_ctl_conf error: {CONTACT}",
    "scancel": f"scancel: error: Kill job error on job id 1: {CONTACT}",
}
"""Of a controller that does not answer; accounting has a server of its own."""


def main(command: str, words: list[str]) -> int:
    """Answer as the cluster would."""
    state = State.here()
    state.note_call([command, *words])
    settings = state.settings
    time.sleep(settings.slow.get(command, 0.0))
    if command in settings.says:
        status, out, err = settings.says[command]
        sys.stdout.buffer.write(out.encode("latin-1"))
        sys.stderr.write(err)
        return status
    if settings.down and command in SILENCE:
        sys.stderr.write(SILENCE[command] + "\n")
        return 1
    return _answer(command, words)


def _answer(command: str, words: list[str]) -> int:
    if command == "sbatch":
        from tests.cluster.fake.submit import sbatch as program
    elif command == "srun":
        from tests.cluster.fake.step import srun as program
    else:
        from tests.cluster.fake.ask import COMMANDS, Unknown

        try:
            return COMMANDS[command](words)
        except Unknown as error:
            sys.stderr.write(f"the fake {command} does not understand {error} in {words}\n")
            return 99
    return program(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
