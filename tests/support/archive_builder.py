"""Archives for tests, made member by member, in every format that is read."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

FORMATS = ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")


def pack(path: Path, files: Mapping[str, bytes], form: str) -> Path:
    """An archive of `files`, contents by name, in their order; names that end in "/" are folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return path
    packing = form.removeprefix("tar").removeprefix(".")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(info, io.BytesIO(content))
    path.write_bytes(buffer.getvalue())
    return path
