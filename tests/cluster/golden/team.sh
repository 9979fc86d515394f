#!/bin/bash

# Parameters
#SBATCH --array=0-7%2
#SBATCH --cpus-per-task=6
#SBATCH --gpus-per-node=2
#SBATCH --job-name=wgan.ID.0
#SBATCH --mem=4096M
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=2
#SBATCH --open-mode=append
#SBATCH --output=SUBMISSION/log/%A_%a_0_log.out
#SBATCH --partition=main
#SBATCH --requeue
#SBATCH --signal=USR2@30
#SBATCH --time=1440

# setup
test -e CODE/KEY/frozen.json || { echo 'error: the frozen copy of the code is gone, CODE/KEY: launch again'; exit 1; }
export PYTHONSAFEPATH=1
export PYTHONPATH=CODE/KEY${PYTHONPATH:+:$PYTHONPATH}
export WGAN_SUITE_DATA=DATA

# command
export SUBMITIT_EXECUTOR=slurm
srun --unbuffered --output SUBMISSION/log/%A_%a_%t_log.out --cpus-per-task=6 PYTHON -u -m submitit.core._submit SUBMISSION/log
