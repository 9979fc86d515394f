"""Experiment files: their vocabulary, loading and checking, and the runs they stand for."""
