"""A SLURM that is none: its commands as small programs, a folder for its state, a clock to move."""
