"""Checksums: what a file's bytes have to be, and what they are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

ALGORITHMS = {"md5": "MD5", "sha256": "SHA-256"}


@dataclass(frozen=True)
class Checksum:
    """algorithm: a key of ALGORITHMS. digest: in lower-case hexadecimal."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        return f"{ALGORITHMS[self.algorithm]} {self.digest}"

    def is_of(self, path: Path) -> bool:
        """Whether there is such a file, with this checksum."""
        return path.is_file() and file_checksum(path, self.algorithm) == self


def file_checksum(path: Path, algorithm: str = "sha256") -> Checksum:
    """The checksum of a file's content, read piece by piece."""
    with path.open("rb") as file:
        return Checksum(algorithm, hashlib.file_digest(file, algorithm).hexdigest())
