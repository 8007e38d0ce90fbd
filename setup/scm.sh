#!/bin/sh
# Tell DVC whether git is there: a copy of the project without it, such as GitHub's "Download ZIP", runs as well.
# Usage: scm.sh, in the project's folder, with dvc on PATH. Only experiments, which are commits, need git.
set -u

settings=.dvc/config.local # of this copy alone
noted() {
    grep -q 'no_scm = true' "$settings" 2>/dev/null
}

# Where git does not trust the folder (it is somebody else's), DVC reads it all the same.
if [ -e .git ] || git rev-parse --git-dir >/dev/null 2>&1; then
    noted || exit 0
    dvc config --local --unset core.no_scm
else
    noted && exit 0
    echo 'No git repository here: DVC does without. Experiments (make frontier, dvc exp) need one: git init,' \
        'git add -A, git commit, then make again.'
    dvc config --local core.no_scm true
fi
