"""Workers do not outlive the process that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suite.store.version import ROOT
from tests.launch.lives import MARKER

PARENT = """\
import multiprocessing, time
from tests.launch.lives import busy
if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=busy, daemon=True).start()
    time.sleep(600)
"""


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie that nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(reached: Path) -> str:
    end = time.monotonic() + 60
    while not (reached.exists() and reached.read_text().strip()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return reached.read_text()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_busy_worker_ends_when_its_parent_is_killed(tmp_path: Path, by: signal.Signals) -> None:
    script, marker = tmp_path / "parent.py", tmp_path / "lives"
    script.write_text(PARENT)
    variables = os.environ | {"PYTHONPATH": str(ROOT), MARKER: str(marker)}
    parent = subprocess.Popen([sys.executable, str(script)], env=variables)
    try:
        worker = int(until(marker))
        assert alive(worker)
    finally:
        parent.send_signal(by)
        parent.wait()
    end = time.monotonic() + 60
    while alive(worker):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_process_without_a_parent_of_its_kind_goes_on() -> None:
    code = "from suite.launch.orphans import end_with_parent; import threading; end_with_parent()"
    done = subprocess.run([sys.executable, "-c", f"{code}; print(threading.active_count())"], cwd=ROOT,
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "1\n"
