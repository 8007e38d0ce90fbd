"""Files of packages, fetched by pip from the index that the user has set; nothing is installed."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.errors import UserError, require_room, temporary_folder
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.processes import announced
from squeezenet_lib.sources.checksum import Checksum, file_checksum

# A mute index is given up after a minute instead of two: seconds to wait, and tries
# after the first one. What the user has set holds.
PATIENCE = {"PIP_TIMEOUT": "12", "PIP_RETRIES": "3"}
OTHER_HASH = "DO NOT MATCH THE HASHES"  # among what pip says then


@dataclass(frozen=True)
class PackageFile:
    """One file of a release. package, version: as the index has them. file: its name, a wheel's or a source
    archive's. checksum: SHA-256.
    """

    package: str
    version: str
    file: str
    checksum: Checksum

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


def fetch_package(wanted: PackageFile, target: Path, what: str, advice: str) -> None:
    """Make `target` that file.

    pip shows its progress; from version 25.2 on it takes up a connection that breaks. Before pip looks into a
    file it compares the checksum: of a source archive it runs setup.py, which is known with the checksum.
    `what`: the subject of a message. `advice`: a sentence about what else the user can do.
    Raises UserError when the index cannot be reached or delivers other bytes than expected.
    """
    with replace_when_done(target) as temporary:
        folder = temporary.with_suffix(".folder")
        fetched = folder / wanted.file
        try:
            folder.mkdir()
            result = _run_pip(wanted, folder, what)
            if OTHER_HASH in result.stderr or (
                fetched.is_file() and file_checksum(fetched) != wanted.checksum
            ):
                raise UserError(
                    f"{wanted.file} of the package index has not the {wanted.checksum} and is not used; let "
                    "pip use PyPI itself (`pip config list` shows what else it is told to use) and run again."
                )
            if result.returncode != 0 or not fetched.is_file():
                require_room(result.stderr, target.parent, temporary_folder())
                reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise UserError(
                    f"{what} ({wanted.requirement}) could not be fetched from the package index: {reason} "
                    f"{advice}"
                )
            fetched.rename(temporary)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _run_pip(wanted: PackageFile, folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    """Let pip put the file into the existing `folder`."""
    requirements = folder / "requirements.txt"  # where alone pip takes checksums from
    requirements.write_text(
        f"{wanted.requirement} --hash={wanted.checksum.algorithm}:{wanted.checksum.digest}\n"
    )
    kind = "--only-binary" if wanted.file.endswith(".whl") else "--no-binary"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", kind, wanted.package]
    with announced(f"pip, which fetches {what[0].lower()}{what[1:]}"):  # it shows its progress on stdout
        return subprocess.run(
            [*command, "--dest", str(folder), "--requirement", str(requirements)],
            stderr=subprocess.PIPE,
            env=PATIENCE | os.environ,
            text=True,
            check=False,
        )
