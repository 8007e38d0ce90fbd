"""What experiments start from: the repository, and what all their results depend on."""

import hashlib
import json
import shlex
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Any

from squeezenet_lib.errors import UserError

UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)


def check_repository() -> None:
    """Raises UserError when no experiment could be made of what is here."""
    if git("rev-parse", "--verify", "-q", "HEAD").returncode:
        raise UserError(
            f"{Path.cwd()} has no git commit, and experiments start from one; run `git init`, `git add -A` "
            f"and `git commit` first."
        )
    # DVC commits each experiment; names that git would make up from the machine's are refused.
    if git("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT").returncode:
        raise UserError(
            "git does not know who you are, and experiments are commits; set it with `git config --global "
            "user.name NAME` and `git config --global user.email ADDRESS`."
        )
    folder = Path(git("rev-parse", "--git-dir").stdout.strip())
    if any((folder / name).exists() for name in UNFINISHED):
        raise UserError(
            "git is in the middle of a merge, rebase, cherry-pick or revert, and experiments copy the "
            "working tree; finish or abort it first (`git status` says how)."
        )


def digest(target: str, varied: Collection[str]) -> str:
    """Eight digits that change when results of stage `target` of dvc.yaml would: by commands and code of it
    and of all stages before it, by their params but those in `varied` (dotted keys), or, as dvc.lock has it,
    by what those of these stages made that nothing feeds. DVC itself reads params and hashes code.

    Raises UserError for code that does not exist, or that git does not know: experiments would lack it.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    code: dict[str, Any] = {}
    values: dict[str, Any] = {}
    sources: dict[str, str | None] = {}
    try:
        with Repo() as repo:
            stages = repo.stage.collect(target, with_deps=True)
            made = [Path(out.fs_path) for stage in stages for out in stage.outs]
            for stage in stages:
                params = _params(stage)
                files = [dep for dep in stage.deps if dep not in stage.params]
                fed = [dep for dep in files if any(Path(dep.fs_path).is_relative_to(out) for out in made)]
                code |= {dep.def_path: dep for dep in files if dep not in fed}
                values |= {key: params[key] for key in params.keys() - set(varied)}
                if not fed and params.keys().isdisjoint(varied):
                    sources |= {out.def_path: out.hash_info.value for out in stage.outs}
            _check_code(code)
            hashes = {path: dep.get_hash().value for path, dep in code.items()}
    except DvcException as error:
        raise UserError(f"DVC cannot read the pipeline: {' '.join(str(error).split())}") from None
    content = json.dumps(
        [sorted(str(stage.cmd) for stage in stages), hashes, values, sources], sort_keys=True
    )
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def _params(stage: Any) -> dict[str, Any]:
    """Those of a DVC stage, by dotted key."""
    from dvc.utils.flatten import flatten

    found: dict[str, Any] = {}
    for dep in stage.params:
        found |= flatten(dep.read_params(flatten=True))
    return found


def _check_code(paths: Collection[str]) -> None:
    """Raises UserError for files and folders that do not exist, or that git does not know as a whole."""
    for path in paths:
        if not Path(path).exists():
            raise UserError(f"dvc.yaml names {path}, which does not exist; restore it or correct dvc.yaml.")
    paths = ["params.yaml", "dvc.yaml", *paths]
    known = git("ls-files", "-z", "--", *paths).stdout.split("\0")
    others = git("ls-files", "-z", "--others", "--exclude-standard", "--", *paths).stdout.split("\0")
    unknown = sorted(filter(None, others)) or [  # ignored ones are not among the others
        path for path in paths if not any(file == path or file.startswith(f"{path}/") for file in known)
    ]
    if unknown:
        raise UserError(
            f"git does not know {', '.join(unknown)}, so experiments would lack it; run `git add "
            f"{shlex.join(unknown)}`."
        )
