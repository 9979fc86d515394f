"""Dispatch to a cluster: what is submitted to SLURM, through submitit, and where it stands."""
