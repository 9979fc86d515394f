#!/bin/bash

# Parameters
#SBATCH --account=lab
#SBATCH --comment='50% off: it'"'"'s #1'
#SBATCH --constraint='a100&ib'
#SBATCH --cpus-per-task=1
#SBATCH --dependency=afterany:FIRST
#SBATCH --job-name=wgan.ID.next
#SBATCH --mem=4096M
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --open-mode=append
#SBATCH --output=SUBMISSION/log/%j_0_log.out
#SBATCH --partition=gpu
#SBATCH --qos=long
#SBATCH --requeue
#SBATCH --signal=USR2@30
#SBATCH --time=30

# setup
module load cuda
source "it's/activate"
test -e CODE/KEY/frozen.json || { echo 'error: the frozen copy of the code is gone, CODE/KEY: launch again'; exit 1; }
export PYTHONSAFEPATH=1
export PYTHONPATH=CODE/KEY${PYTHONPATH:+:$PYTHONPATH}
export WGAN_SUITE_DATA=DATA

# command
export SUBMITIT_EXECUTOR=slurm
srun --unbuffered --output SUBMISSION/log/%j_%t_log.out --cpus-per-task=1 '/opt/a b/python' -u -m submitit.core._submit SUBMISSION/log
