"""Checksums of files, as they are compared and told."""

from pathlib import Path

from squeezenet_lib.sources.checksum import Checksum, file_checksum

# Published test vectors of both algorithms (RFC 1321; FIPS 180-2, appendix B).
ABC = {
    "md5": "900150983cd24fb0d6963f7d28e17f72",
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
}


def test_files_have_the_published_checksums(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    for algorithm, digest in ABC.items():
        assert file_checksum(path, algorithm) == Checksum(algorithm, digest)
    assert file_checksum(path).algorithm == "sha256"


def test_messages_name_the_algorithm() -> None:
    assert str(Checksum("md5", "00ff")) == "MD5 00ff"
    assert str(Checksum("sha256", "00ff")) == "SHA-256 00ff"
