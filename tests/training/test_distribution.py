"""Training on several devices and processes: the same network as on one; a lost worker is one sentence."""

import json
import re
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import tensorflow as tf

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.distribution import SINGLE, Cluster, open_cluster, read_tf_config
from tests.support.train_stage import start_training, write_training_folder
from tests.support.waiting import outcome, wait_until

# A batch is the whole training split: the first epoch's loss is the first step's.
BATCH = 128
EPOCHS = 24
TRAIN = {"epochs": EPOCHS, "batch_size": BATCH, "weight_average": 0.8}
HOSTS = ["first:2222", "second:2222"]


def tf_config(index: object, hosts: object = HOSTS, kind: str = "worker") -> str:
    return json.dumps({"cluster": {"worker": hosts}, "task": {"type": kind, "index": index}})


def free_hosts(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    for free in sockets:
        free.bind(("127.0.0.1", 0))
    hosts = [f"127.0.0.1:{free.getsockname()[1]}" for free in sockets]
    for free in sockets:
        free.close()
    return hosts


def start_workers(folders: list[Path]) -> list[subprocess.Popen[str]]:
    hosts = free_hosts(len(folders))
    return [
        start_training(folder, subprocess.STDOUT, {"TF_CONFIG": tf_config(index, hosts)})
        for index, folder in enumerate(folders)
    ]


def complaint(output: str) -> str:
    """The last line, the one sentence about what went wrong."""
    *before, last = output.splitlines()
    assert not [line for line in before if line.startswith("error: ")]
    return last


def first_loss(folder: Path) -> float:
    return float((folder / "plots/train/plots/metrics/train/loss.tsv").read_text().split()[3])


def accuracy(folder: Path) -> float:
    return float(json.loads((folder / "metrics/train.json").read_text())["accuracy"])


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run on one device."""
    folder = tmp_path_factory.mktemp("single")
    write_training_folder(folder, **TRAIN)
    with start_training(folder) as run:
        output, _ = run.communicate()
    assert run.returncode == 0, output
    return folder


def test_one_device_has_the_whole_batch() -> None:
    assert open_cluster("single", 7) == SINGLE
    assert SINGLE.chief and SINGLE.replicas == 1
    assert SINGLE.part(7) == slice(0, 7)
    assert SINGLE.spread([1, 2]) == [1, 2]
    assert SINGLE.share(b"state") == b"state"
    SINGLE.require_equal("key")
    with pytest.raises(tf.errors.InternalError), SINGLE.watched("in epoch 1"):
        raise tf.errors.InternalError(None, None, "of its own making")


def test_processes_take_rows_in_turn() -> None:
    parts = [Cluster(SINGLE.strategy, worker, 4).part(32) for worker in range(4)]
    assert [list(range(32))[part] for part in parts] == [list(range(i, i + 8)) for i in (0, 8, 16, 24)]
    assert [replace(SINGLE, worker=worker, workers=2).chief for worker in (0, 1)] == [True, False]


def test_a_worker_with_other_data_is_refused(tmp_path: Path) -> None:
    folders = [tmp_path / "chief", tmp_path / "other"]
    for folder, epochs in zip(folders, (2, 3), strict=True):
        write_training_folder(folder, **TRAIN | {"epochs": epochs, "strategy": "multiworker"})
    chief, other = start_workers(folders)
    with chief, other:
        outputs = [outcome(process, other.pid)[0] for process in (chief, other)]
    assert [process.returncode for process in (chief, other)] == [1, 1], outputs
    assert complaint(outputs[0]).startswith("error: A worker of TF_CONFIG was lost ")
    assert complaint(outputs[1]) == (
        "error: Worker 1 has other pictures or params than the first; give all machines the same commit, "
        "params.yaml and data/processed."
    )


def test_tf_config_names_this_worker() -> None:
    assert read_tf_config(tf_config(1)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "TF_CONFIG is not set"),
        ("", "TF_CONFIG is not set"),
        ("{", "not as TensorFlow wants it: {;"),
        ('{"cluster": {}}', "not as TensorFlow wants it"),
        (tf_config(2), "index 2 is none of the workers"),
        (tf_config(-1), "index -1 is none of the workers"),
        (tf_config("0"), "index '0' is none of the workers"),
        (tf_config(0, []), r"none of the workers \[\]"),
        (tf_config(0, "first:2222"), "none of the workers"),
        (tf_config(0, kind="ps"), "tasks of the type ps"),
        (
            '{"cluster": {"chief": ["a:1"], "worker": ["b:1"]}, "task": {"type": "worker", "index": 0}}',
            "tasks of the type chief",
        ),
    ],
)
def test_a_tf_config_that_makes_no_sense_is_refused(text: str | None, problem: str) -> None:
    with pytest.raises(UserError, match=problem) as error:
        read_tf_config(text)
    assert "\n" not in str(error.value)


def listens(host: str) -> bool:
    address, _, port = host.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((address, int(port))) == 0


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_worker_that_waits_for_the_others(tmp_path: Path) -> None:
    write_training_folder(tmp_path, **TRAIN | {"strategy": "multiworker"})
    hosts = free_hosts(2)
    environment = {"TF_CONFIG": tf_config(0, hosts)}
    with start_training(tmp_path, subprocess.STDOUT, environment) as worker:
        try:
            wait_until(lambda: worker.poll() is not None or listens(hosts[0]), worker.pid)
            worker.send_signal(signal.SIGINT)
            output, _ = outcome(worker)
        finally:
            worker.kill()
    assert worker.returncode == -signal.SIGINT, output
    assert {path.name for path in tmp_path.iterdir()} == {"data", "params.yaml"}


@pytest.mark.full
def test_two_devices_of_one_machine_start_as_one_does(single: Path, tmp_path: Path) -> None:
    write_training_folder(tmp_path, **TRAIN | {"epochs": 2, "strategy": "mirrored"})
    program = (
        "import runpy, tensorflow as tf\n"
        "cpu = tf.config.list_physical_devices('CPU')[0]\n"
        "two = [tf.config.LogicalDeviceConfiguration()] * 2\n"
        "tf.config.set_logical_device_configuration(cpu, two)\n"
        "runpy.run_module('stages.train', run_name='__main__')\n"
    )
    command = [sys.executable, "-c", program]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert first_loss(tmp_path) == pytest.approx(first_loss(single), abs=1e-4)

    write_training_folder(tmp_path / "odd", **TRAIN | {"batch_size": 31, "strategy": "mirrored"})
    done = subprocess.run(
        command, cwd=tmp_path / "odd", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert complaint(done.stderr) == (
        "error: params.yaml: train.batch_size is 31, which 2 devices cannot share equally; "
        "set it to a multiple of 2."
    )


@pytest.mark.full
def test_two_workers_train_the_network_of_one_and_survive_a_kill(single: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "chief", tmp_path / "other"]
    for folder in folders:
        write_training_folder(folder, **TRAIN | {"strategy": "multiworker"})
    chief, other = start_workers(folders)
    with chief, other:
        assert other.stdout is not None
        for line in other.stdout:
            if line.startswith("epoch 5:"):
                other.send_signal(signal.SIGKILL)
        output, _ = outcome(chief)
    assert chief.returncode == 1
    last = complaint(output)
    assert last.startswith("error: A worker of TF_CONFIG was lost in epoch ")
    assert last.endswith("start all workers again: training goes on after the last finished epoch.")
    assert not (folders[0] / "models/float.keras").exists()

    chief, other = start_workers(folders)
    with chief, other:
        outputs = [outcome(process, other.pid)[0] for process in (chief, other)]
    assert [process.returncode for process in (chief, other)] == [0, 0], outputs
    for output in outputs:
        epochs = re.findall(r"^epoch (\d+):", output, re.MULTILINE)
        assert "continuing after epoch" in output and epochs == [str(n) for n in range(1, EPOCHS + 1)]
    assert first_loss(folders[0]) == pytest.approx(first_loss(single), abs=1e-4)
    assert accuracy(folders[0]) == pytest.approx(accuracy(single), abs=0.02)
    # the chief alone writes
    assert {path.name for path in folders[1].iterdir()} == {"data", "params.yaml"}
