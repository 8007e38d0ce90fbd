"""What experiments start from: refused where they could not, and told apart by all that results depend on."""

from pathlib import Path

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.report.sweep import VARIED
from stages.baseline import check_repository, digest
from tests.support.sweep_project import add_deps, change, run

pytestmark = pytest.mark.usefixtures("sweep_project")


def check() -> str:
    check_repository()
    return digest("huffman", VARIED)


def test_without_a_commit_the_sweep_says_so() -> None:
    check()
    run("rm", "-rf", ".git")
    with pytest.raises(UserError, match="has no git commit"):
        check()


def test_without_an_identity_the_sweep_says_how_to_set_it() -> None:
    run("git", "config", "--unset", "user.email")
    with pytest.raises(UserError, match=r"git config --global user\.name"):
        check()


def test_code_that_git_does_not_know_would_be_missing_in_experiments() -> None:
    run("git", "rm", "-q", "--cached", "work.py")
    with pytest.raises(UserError, match=r"git add work\.py"):
        check()
    Path("work.py").unlink()
    with pytest.raises(UserError, match=r"work\.py, which does not exist"):
        check()


def test_so_would_files_that_are_new_in_a_folder_of_code() -> None:
    add_deps("room")
    Path("room").mkdir()
    with pytest.raises(UserError, match=r"git add room`"):
        check()
    Path("room/known.py").touch()
    run("git", "add", "room")
    check()
    Path("room/new.py").touch()
    with pytest.raises(UserError, match=r"git add room/new\.py`"):
        check()


def test_a_merge_has_to_be_finished_first() -> None:
    Path(".git/MERGE_HEAD").write_text(run("git", "rev-parse", "HEAD"))
    with pytest.raises(UserError, match="in the middle of a merge"):
        check()


def test_a_pipeline_that_dvc_cannot_read_is_one_sentence() -> None:
    Path("dvc.yaml").write_text("stages: [")
    with pytest.raises(UserError, match=r"^DVC cannot read the pipeline: .*dvc\.yaml") as raised:
        check()
    assert "\n" not in str(raised.value)


def test_results_stand_for_the_commands_code_and_params_that_they_depend_on() -> None:
    before = check()
    change("prune", sparsity=0.7)  # varied
    change("emulate", pictures=7)  # of a later stage
    change("frontier", repeats=9)  # of no stage
    assert check() == before
    change("prune", epochs=99)
    other = check()
    assert other != before
    Path("dvc.yaml").write_text(Path("dvc.yaml").read_text().replace("python work.py", "python -u work.py"))
    third = check()
    with Path("work.py").open("a") as code:
        code.write("# changed\n")
    assert len({before, other, third, check()}) == 4


def test_results_stand_for_all_files_of_a_folder_of_code() -> None:
    add_deps("room")
    Path("room").mkdir()
    digests = []
    for name, content in (("a.py", ""), ("a.py", "# changed"), ("b.py", "")):
        Path(f"room/{name}").write_text(content)
        run("git", "add", "room")
        digests.append(check())
    assert len(set(digests)) == 3


def test_results_stand_for_the_pictures_that_they_were_made_of() -> None:
    add_deps("data/raw", download={"cmd": "true", "outs": ["data/raw"]})
    digests = []
    for md5 in ("1" * 32, "2" * 32):
        locked = {"download": {"cmd": "true", "outs": [{"path": "data/raw", "hash": "md5", "md5": md5}]}}
        Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": locked}))
        digests.append(check())
    assert digests[0] != digests[1]
