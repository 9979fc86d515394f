"""Exact statistics, and the rules that turn the seeds of a claim into its verdict."""
