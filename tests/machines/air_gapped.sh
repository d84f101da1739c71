#!/bin/bash
# The wheelhouse on a machine without a network: installed, and a study run, both with no
# network but the loopback.
#
# The machine is imitated by an environment that has torch and what goes with it and nothing
# of the study. In the real one `python -m venv --system-site-packages` finds these; here a
# file of paths says where they are.
#
# Needs Linux, and user namespaces or root to cut the network off. Without them it says what
# is missing, and that is no failure.
set -euo pipefail

THERE=${1:?the Python of an environment that has torch and what goes with it}
ROOT=$(cd "$(dirname "$0")/../.." && pwd)

skip() { echo "skipped: $1"; exit 0; }
[ "$(uname -s)" = Linux ] || skip "the network is cut off by Linux namespaces"
unshare --map-root-user --net ip link set lo up 2> /dev/null ||
    skip "no namespace without network can be made here (unshare, ip)"
[ -f "$ROOT/_build/airgap.tar" ] || { echo "make wheelhouse first"; exit 1; }

FOLDER=$(mktemp -d /tmp/negcxr-airgap.XXXXXX)
trap 'rm -rf "$FOLDER"' EXIT
cd "$FOLDER"
tar xf "$ROOT/_build/airgap.tar"
cp "$ROOT/tests/machines/study.yml" negcxr/params/tried.yml
PLACE=$("$THERE" -c 'import site; print(site.getsitepackages()[0])')
"$THERE" -m venv negcxr/.venv
for folder in negcxr/.venv/lib/python3.*/site-packages; do
    echo "import site; site.addsitedir('$PLACE')" > "$folder/there.pth"
done

unshare --map-root-user --net bash -euo pipefail <<'END'
ip link set lo up
export HOME=$PWD/home PIP_CONFIG_FILE=/dev/null
unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL PYTHONPATH
cd negcxr
.venv/bin/pip install --quiet --no-index --find-links _build/wheelhouse --require-hashes \
    --requirement _build/wheelhouse/requirements.txt
.venv/bin/pip install --quiet --no-index --no-deps --no-build-isolation --editable .
.venv/bin/pip check
for absent in snakemake jupyter_book vl_convert nbconvert; do
    ! .venv/bin/python -c "import $absent" 2> /dev/null || { echo "$absent is here"; exit 1; }
done
echo "== killed after 40 seconds, and called again"
timeout 40 .venv/bin/negcxr work --params params/tried.yml || echo "ended by $?"
.venv/bin/negcxr work --params params/tried.yml
.venv/bin/negcxr work --params params/tried.yml
.venv/bin/negcxr results show tried > shown.txt
grep affirmed_auroc shown.txt
grep -q '"commit": "[0-9a-f]' results/tried/11_choice.json || { echo "no commit"; exit 1; }
END
echo "air-gapped, $("$THERE" --version): passed"
