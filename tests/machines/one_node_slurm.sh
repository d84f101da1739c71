#!/bin/bash
# A SLURM of one node on this machine, the smoke study through it, and a job killed in the
# middle. On two cores it takes a quarter of an hour.
#
# Everything lies in one folder that is made here: the controller's configuration and state,
# the key, and a copy of the project, so that no result of yours is touched. What is started
# is ended, and the folder is removed, however this ends. Key, sockets and ports are others
# than the system's. Only the configuration is linked to where Debian looks for it, since the
# plugin's job steps drop SLURM_CONF from their environment; where one lies already, this
# machine has a SLURM of its own, and nothing is started.
#
# Needs Linux, root, and Debian's packages slurm-wlm and munge (tried with 22.05.8 and
# 0.5.15 of Debian 12). Without them it says what is missing, and that is no failure.
set -euo pipefail

PYTHON=${1:?the Python of make slurm-env}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)

skip() { echo "skipped: $1"; exit 0; }
[ "$(uname -s)" = Linux ] || skip "SLURM runs on Linux"
[ "$(id -u)" = 0 ] || skip "the daemons are started as root, and this is user $(id -un)"
for tool in munged slurmctld slurmd sbatch squeue scancel; do
    command -v $tool > /dev/null || skip "$tool is not there: apt-get install slurm-wlm munge"
done
CONF=/etc/slurm/slurm.conf
[ ! -e $CONF ] && [ ! -L $CONF ] || skip "$CONF is there: this machine has its own SLURM"

HOME_OF_ALL=$(mktemp -d /tmp/negcxr-slurm.XXXXXX)
stop() {
    code=$?
    set +e
    [ $code = 0 ] || tail -n 25 "$HOME_OF_ALL"/*.log "$HOME_OF_ALL"/project/results/*.log
    if [ -n "${STUDY:-}" ] && kill -0 "$STUDY" 2> /dev/null; then
        pkill -P "$STUDY"
        kill "$STUDY"
    fi
    [ $code = 0 ] || scancel --full --user=root
    for daemon in slurmd slurmctld munged; do
        PID=$(cat "$HOME_OF_ALL/$daemon.pid" 2> /dev/null) || continue # it was not started
        kill "$PID"
        timeout 20 tail --pid="$PID" -f /dev/null || kill -9 "$PID"
    done
    [ "$(readlink $CONF)" = "$HOME_OF_ALL/slurm.conf" ] && rm $CONF
    rm -rf "$HOME_OF_ALL"
    exit $code
}
trap stop EXIT
trap 'exit 130' INT TERM

cd "$HOME_OF_ALL"
NODE=$(hostname -s)
mkdir state spool project
dd if=/dev/urandom of=munge.key bs=1024 count=1 status=none
chmod 700 . && chmod 400 munge.key
cat > slurm.conf <<END
ClusterName=book
SlurmctldHost=$NODE(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$HOME_OF_ALL/munge.socket
CryptoType=crypto/munge
StateSaveLocation=$HOME_OF_ALL/state
SlurmdSpoolDir=$HOME_OF_ALL/spool
SlurmctldPidFile=$HOME_OF_ALL/slurmctld.pid
SlurmdPidFile=$HOME_OF_ALL/slurmd.pid
SlurmctldLogFile=$HOME_OF_ALL/slurmctld.log
SlurmdLogFile=$HOME_OF_ALL/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MinJobAge=3600
MpiDefault=none
NodeName=$NODE NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$(free -m | awk '/^Mem/ {print $2}')
PartitionName=main Nodes=$NODE Default=YES State=UP
END
ln -s "$PWD/slurm.conf" $CONF

munged --force --key-file=munge.key --socket=munge.socket --pid-file="$PWD/munged.pid" \
    --log-file="$PWD/munged.log" --seed-file="$PWD/munged.seed"
slurmctld
slurmd
for _ in $(seq 60); do
    [ "$(sinfo --noheader --format=%t)" = idle ] && break
    sleep 1
done
sinfo

(cd "$ROOT" && cp -r lib notebooks params checkpoints profiles book Snakefile _config.yml \
    "$HOME_OF_ALL/project")
rm -rf project/book/executed
cd project
export PYTHONPATH=$PWD/lib NEGCXR_CACHE=$HOME_OF_ALL/cache
STUDY_COMMAND=("$PYTHON" -m negcxr run --params params/smoke.yml --name cluster --no-book --
    --profile profiles/slurm --slurm-no-account --slurm-status-command squeue
    --slurm-init-seconds-before-status-checks 5 --latency-wait 10
    --set-threads first_notebook=1 other_notebook=1)

echo "== a study, of which a job is killed while its notebook runs"
"${STUDY_COMMAND[@]}" &
STUDY=$!
until [ -f results/cluster/failed/10_retrieval.ipynb ] && # it lies there while it runs
    KILLED=$(squeue --noheader --states=RUNNING --format=%i | head -n 1) && [ "$KILLED" ]; do
    kill -0 $STUDY || { echo "the study ended before a job could be killed"; exit 1; }
    sleep 0.5
done
scancel --full --signal=KILL "$KILLED"
echo "killed: SLURM job $KILLED"
wait $STUDY
squeue --noheader --states=all --format='%i %T' | sort -n
grep -q "Trying to restart job" results/snakemake.log || { echo "no job was redone"; exit 1; }
for name in $(sed -n 's/^  - //p' params/smoke.yml); do
    number=${name%%_*} # of 20_method there is one result a method, with its name
    ls results/cluster/"$number"_*.json book/executed/cluster/"$number"_*.ipynb > /dev/null
done

echo "== the same call again: nothing to do"
before=$(squeue --noheader --states=all | wc -l)
start=$SECONDS
"${STUDY_COMMAND[@]}"
[ "$(squeue --noheader --states=all | wc -l)" = "$before" ] || { echo "jobs again"; exit 1; }
echo "nothing was submitted, in $((SECONDS - start)) s"
echo "one-node SLURM $(sinfo --version | cut -d' ' -f2): passed"
