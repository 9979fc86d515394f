"""Shared by all tests: one thread, and nothing of this machine's results."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
