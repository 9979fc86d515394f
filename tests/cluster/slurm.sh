#!/usr/bin/env bash
# A small SLURM on this machine, with accounting, for the tests in this folder. See --help.
set -euo pipefail

HERE=${SLURM_HERE:-/var/lib/wgan-suite-slurm}
LINK=/etc/slurm/slurm.conf
PACKAGES=(munge slurm-wlm slurmdbd mariadb-server)
NODES=(node1 node2 node3 node4 node5)
SECONDS_EACH=30
CRASHES=$HERE/log/crashes
export SLURM_CONF=$HERE/etc/slurm.conf

usage() {
    cat <<TEXT
usage: slurm.sh start | stop | forget | status | crashed

A real SLURM on one machine: controller, five nodes, accounting. It is for trying
\`run_suite.py launch\` and for the tests in tests/cluster, which break it on purpose. It is no
production set-up: everything runs as root, nothing is limited, and \`stop\` cancels every job.

start    install what is missing (Debian's packages ${PACKAGES[*]}),
         configure it and start every daemon that does not run; may be repeated
stop     cancel all jobs and stop the daemons; jobs' accounts are kept
forget   the same, and remove whatever is left of jobs and accounts
status   which daemons answer; exit status 0 where all do
crashed  exit status 0 where the controller has crashed, and was started again, since \`start\`

Needs Debian or Ubuntu, and root. All its state is in one folder, $HERE;
the variable SLURM_HERE names another. $LINK becomes a link into it, so that sbatch and
squeue find it; where there is a SLURM already, nothing is touched.

partitions
    main      (default) jobs in it are requeued when a job in urgent needs their CPUs
    urgent    goes first
TEXT
}

fail() {
    printf 'slurm.sh: %s\n' "$1" >&2
    exit 1
}

# --- installation ---------------------------------------------------------------------------------

install_packages() {
    local missing=()
    for package in "${PACKAGES[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || fail "needs the packages ${missing[*]}, and there is no apt-get"
    apt-get update -qq >/dev/null || fail "apt-get update failed"
    without_services apt-get install -qq -y --no-install-recommends "${missing[@]}"
}

# A package's own daemons must not start: they would take the configuration of nobody.
without_services() {
    local policy=/usr/sbin/policy-rc.d made=
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=$policy
    fi
    local log status=0
    log=$(mktemp)
    DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1 || status=$?
    [[ -z $made ]] || rm -f "$made"
    ((status == 0)) || tail -n 20 "$log" >&2
    rm -f "$log"
    ((status == 0)) || fail "failed: $*"
}

# --- configuration --------------------------------------------------------------------------------

configure() {
    mkdir -p "$HERE"/{etc,run,log,state,spool,munge,database}
    chmod 755 "$HERE" "$HERE"/{etc,run,log}
    password_once
    slurm_conf >"$SLURM_CONF"
    slurmdbd_conf >"$HERE/etc/slurmdbd.conf"
    chmod 600 "$HERE/etc/slurmdbd.conf"
    mkdir -p "$(dirname "$LINK")"
    ln -sfn "$SLURM_CONF" "$LINK"
}

ours_or_nobodys() {
    [[ ! -e $LINK && ! -L $LINK ]] && return
    [[ $(readlink "$LINK") == "$SLURM_CONF" ]] || fail "there is a SLURM on this machine already: $LINK"
}

password_once() {
    local file=$HERE/etc/password
    [[ -s $file ]] || (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$file")
}

slurm_conf() {
    cat <<TEXT
ClusterName=here
SlurmctldHost=localhost
SlurmctldPort=16817
SlurmUser=root
AuthType=auth/munge
# A requeued job waits as long as a credential lives, by default two minutes.
AuthInfo=socket=$HERE/munge/socket,cred_expire=5

StateSaveLocation=$HERE/state
SlurmdSpoolDir=$HERE/spool/%n
SlurmctldPidFile=$HERE/run/slurmctld.pid
SlurmdPidFile=$HERE/run/slurmd-%n.pid
SlurmctldLogFile=$HERE/log/slurmctld.log
SlurmdLogFile=$HERE/log/slurmd-%n.log
MailProg=/bin/true

ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1,sched_min_interval=0

PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillOnBadExit=1
KillWait=5
OverTimeLimit=0
MinJobAge=20
MaxArraySize=1001

# A node that does not answer is soon called down, and is used again once it does.
SlurmdTimeout=10
ReturnToService=2

AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort=16819
# slurmdbd is reached through this socket: AuthInfo is not read for it.
AccountingStoragePass=$HERE/munge/socket
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill

# More CPUs and memory than there may be: nothing is bound to them, and the tests need little.
SlurmdParameters=config_overrides
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=16821 CPUs=8 RealMemory=131072
NodeName=node[2-5] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[16822-16825] CPUs=4 RealMemory=65536
PartitionName=DEFAULT Nodes=node[1-5] DefMemPerCPU=4096 DefaultTime=60 MaxTime=INFINITE State=UP
PartitionName=main Default=YES PriorityTier=1 PreemptMode=REQUEUE GraceTime=5
PartitionName=urgent PriorityTier=10 PreemptMode=OFF
TEXT
}

slurmdbd_conf() {
    cat <<TEXT
DbdHost=localhost
DbdPort=16819
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$HERE/munge/socket
PidFile=$HERE/run/slurmdbd.pid
LogFile=$HERE/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=16820
StorageUser=slurm
StoragePass=$(<"$HERE/etc/password")
StorageLoc=slurm
TEXT
}

# --- daemons --------------------------------------------------------------------------------------

# Each daemon has three functions: start_NAME, answers_NAME and log_NAME.

log_munged() { echo "$HERE/log/munged.log"; }
answers_munged() { munge -n -S "$HERE/munge/socket" | unmunge -S "$HERE/munge/socket"; }
start_munged() {
    local folder=$HERE/munge
    if [[ ! -s $folder/key ]]; then
        (umask 077 && head -c 1024 /dev/urandom >"$folder/key")
    fi
    touch "$(log_munged)"
    chown -R munge: "$folder" "$(log_munged)"
    chmod 711 "$folder"
    # munged refuses a log in a folder of somebody else's, which this one need not be.
    runuser -u munge -- munged --force --key-file="$folder/key" --socket="$folder/socket" \
        --pid-file="$folder/pid" --log-file="$(log_munged)" --seed-file="$folder/seed"
}

log_mariadbd() { echo "$HERE/log/mariadbd.log"; }
answers_mariadbd() { mariadb-admin --no-defaults --socket="$HERE/database/socket" ping; }
start_mariadbd() {
    local folder=$HERE/database
    touch "$(log_mariadbd)"
    chown -R mysql: "$folder" "$(log_mariadbd)"
    if [[ ! -d $folder/data/mysql ]]; then
        mariadb-install-db --no-defaults --user=mysql --datadir="$folder/data" --skip-test-db \
            --auth-root-authentication-method=socket
    fi
    database_user | install -o mysql -m 600 /dev/stdin "$folder/init.sql"
    mariadbd --no-defaults --user=mysql --datadir="$folder/data" --socket="$folder/socket" \
        --pid-file="$folder/pid" --bind-address=127.0.0.1 --port=16820 --init-file="$folder/init.sql" \
        --innodb-flush-log-at-trx-commit=0 --innodb-lock-wait-timeout=900 \
        --log-error="$(log_mariadbd)" &
}
database_user() {
    cat <<TEXT
CREATE DATABASE IF NOT EXISTS slurm;
CREATE USER IF NOT EXISTS 'slurm'@'127.0.0.1' IDENTIFIED BY '$(<"$HERE/etc/password")';
CREATE USER IF NOT EXISTS 'slurm'@'localhost' IDENTIFIED BY '$(<"$HERE/etc/password")';
GRANT ALL ON slurm.* TO 'slurm'@'127.0.0.1';
GRANT ALL ON slurm.* TO 'slurm'@'localhost';
TEXT
}

log_slurmdbd() { echo "$HERE/log/slurmdbd.log"; }
answers_slurmdbd() { timeout 5 sacctmgr -n show cluster; }
start_slurmdbd() { slurmdbd; }

log_slurmctld() { echo "$HERE/log/slurmctld.log"; }
answers_slurmctld() { timeout 5 scontrol ping | grep -q 'is UP'; }
# Debian 12's crashes now and then where a node comes back: it is started again, as a service would be.
start_slurmctld() {
    rm -f "$CRASHES"
    # A crash leaves a core in the folder it was started from. A bash of its own: a subshell keeps open what this
    # function's redirection has put aside, and a caller that reads from a pipe would wait for ever.
    bash -c 'cd "$1" && until slurmctld -D; do date >>"$2" && sleep 1; done' slurmctld "$HERE/log" "$CRASHES" &
}

log_slurmd() { echo "$HERE/log/slurmd-$1.log"; }
answers_slurmd() {
    is_alive "$HERE/run/slurmd-$1.pid" slurmd && sinfo -h -N -n "$1" -o %T | grep -Eqx 'idle|mixed|allocated|completing'
}
start_slurmd() {
    mkdir -p "$HERE/spool/$1"
    slurmd -N "$1"
}

is_alive() {
    local pid
    pid=$(cat "$1" 2>/dev/null) && [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) == "$2" ]]
}

# bring NAME [ARGUMENT]: start a daemon that does not answer, and wait until it does.
bring() {
    local name=$1 log
    shift
    "answers_$name" "$@" >/dev/null 2>&1 && return
    log=$("log_$name" "$@")
    # Not through a pipe of the caller's, which a daemon would keep open.
    "start_$name" "$@" </dev/null >>"$HERE/log/start.log" 2>&1 || true
    local end=$((SECONDS + SECONDS_EACH))
    while ((SECONDS < end)); do
        "answers_$name" "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    {
        echo "slurm.sh: $name $* does not answer after $SECONDS_EACH seconds; the end of $log:"
        tail -n 20 "$log" || true
        echo "and of $HERE/log/start.log:"
        tail -n 5 "$HERE/log/start.log"
    } >&2
    exit 1
}

halt() {
    local pid_file=$1 name=$2 pid
    is_alive "$pid_file" "$name" || return 0
    pid=$(<"$pid_file")
    kill "$pid"
    for ((i = 0; i < SECONDS_EACH * 10; i++)); do
        [[ -e /proc/$pid ]] || return 0
        sleep 0.1
    done
    fail "$name, process $pid, does not stop"
}

# --- commands -------------------------------------------------------------------------------------

start() {
    ((EUID == 0)) || fail "start needs root"
    ours_or_nobodys
    install_packages
    configure
    bring munged
    bring mariadbd
    bring slurmdbd
    sacctmgr -n show cluster format=cluster | grep -q here || sacctmgr -i add cluster here >/dev/null
    bring slurmctld
    for node in "${NODES[@]}"; do
        bring slurmd "$node"
    done
    echo "SLURM is up, with accounting: $(sinfo -h -o '%P %D nodes, %C CPUs (used/free/other/all)' | paste -sd';')"
}

stop() {
    ((EUID == 0)) || fail "stop needs root"
    if answers_slurmctld >/dev/null 2>&1; then
        squeue -h -o %A | sort -u | xargs -r scancel || true
        for ((i = 0; i < 100; i++)); do
            [[ -n $(squeue -h 2>/dev/null) ]] || break
            sleep 0.1
        done
    fi
    for node in "${NODES[@]}"; do
        halt "$HERE/run/slurmd-$node.pid" slurmd
    done
    halt "$HERE/run/slurmctld.pid" slurmctld
    halt "$HERE/run/slurmdbd.pid" slurmdbd
    halt "$HERE/database/pid" mariadbd
    halt "$HERE/munge/pid" munged
    echo "SLURM is stopped; its state stays in $HERE"
}

# After a crash nodes may keep processes of jobs that the controller knows nothing of.
forget() {
    stop
    pkill -KILL -x slurmstepd || true
    rm -rf "$HERE"
}

crashed() { [[ -s $CRASHES ]]; }

status() {
    local all=0
    for name in munged mariadbd slurmdbd slurmctld; do
        tell "$name" || all=1
    done
    for node in "${NODES[@]}"; do
        tell slurmd "$node" || all=1
    done
    return $all
}

tell() {
    if "answers_$1" "${@:2}" >/dev/null 2>&1; then
        echo "$*: answers"
    else
        echo "$*: no answer"
        return 1
    fi
}

case ${1:-} in
start | stop | forget | status | crashed) "$1" ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
