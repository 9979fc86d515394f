"""Shared by all tests: one thread, and nothing of this machine's results and data."""

import getpass
import os
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# Equal bits are promised of a processor, and processes that share one GPU are no team.
os.environ["CUDA_VISIBLE_DEVICES"] = ""
# One folder for all processes and sessions of a user: the classifier in it is trained once.
os.environ["WGAN_SUITE_DATA"] = str(Path(tempfile.gettempdir()) / f"wgan-suite-tests-{getpass.getuser()}")
