"""Files that no person put among the pictures: what systems, NAS boxes and programs leave behind.

The one list of them. Case does not count. Not on it, although programs make them: names that a class or a
picture of one's own may well have, such as thumbs, trashbox, build, env or folder.jpg. Whatever begins with a
dot is left out in any case; such names are here to say who made them.

Where the names are from:

- macOS, Windows, Linux, Dropbox: github.com/github/gitignore, Global/; Finder's Icon ends in a carriage
  return, over SMB in U+F00D; netatalk writes :2e for a leading dot; a Windows stream that was copied to
  another system is name:Zone.Identifier; the freedesktop.org standards on trash and thumbnails
- NAS: Synology's @eaDir, #recycle, #snapshot and streams (photoprism issue 555, immich issue 30690); QNAP's
  .@__thumb and @Recycle (QuickLookVideo issue 52); Samba's vfs_recycle(8); snapshots of NetApp and ZFS
- programs that synchronize: docs.syncthing.net, help.resilio.com; FreeFileSync, GoodSync, Nextcloud
- notebooks, Python and JavaScript: github.com/github/gitignore, Python.gitignore, Node.gitignore; Lightning,
  MLflow
- cameras and photo programs: Apple's .AAE, Adobe's .xmp, Canon's .ctg and .thm, GoPro's .lrv, Picasa,
  digiKam, ZoomBrowser, Paint Shop Pro, Lightroom; the .json that Google Takeout puts beside a picture
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate

# Why other files are left out.
OF_NO_CLASS = "of no class"
NO_FILE = "a link that is not followed, or no file"
A_COPY = "a copy of what lies beside it"

# Files and folders with these names.
NAMES: Mapping[str, tuple[str, ...]] = {
    "macOS": (
        *(".DS_Store", "._*", "__MACOSX", "Icon\r", "Icon\uf00d", ".AppleDouble", ".AppleDB"),
        *(".AppleDesktop", ".Spotlight-V100", ".Trashes", ".Trash", ".fseventsd", ".TemporaryItems"),
        *(
            ".DocumentRevisions-V100",
            ".localized",
            ".LSOverride",
            ".apdisk",
            ".VolumeIcon.icns",
            ".com.apple.*",
            ".*.icloud",
            ":2e*",
        ),
        *("Network Trash Folder", "Temporary Items", "TheVolumeSettingsFolder", "TheFindByContentFolder"),
        *("Desktop DB", "Desktop DF", "Backups.backupdb"),
    ),
    "Windows": (
        *("Thumbs.db", "Thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini"),
        *("$RECYCLE.BIN", "System Volume Information", "WPSettings.dat", "found.[0-9][0-9][0-9]"),
    ),
    "Linux": (
        *("lost+found", ".Trash-*", ".thumbnails", ".sh_thumbnails", ".directory", ".nfs*", ".fuse_hidden*"),
        *(".goutputstream-*", ".~lock.*"),
    ),
    "Android": (".nomedia", ".thumbdata*", "LOST.DIR"),
    "a NAS": (
        *("@eaDir", "#recycle", "#snapshot", "@tmp", "@sharebin", "*@SynoResource", "*@SynoEAStream"),
        *(".@__thumb", "@__thumb", "@Recycle", "@Recently-Snapshot", ".recycle", ".snapshot", "~snapshot"),
        *(".zfs", ".wdmc", ".@upload_cache"),
    ),
    "a program that synchronizes": (
        *(".stfolder", ".stversions", ".stignore", "~syncthing~*", ".syncthing.*", ".sync", "*.!sync"),
        *("*.bts", ".dropbox", ".dropbox.attr", ".dropbox.cache", ".owncloudsync.log", ".nextcloudsync.log"),
        *(".sync_*.db*", "._sync_*.db*", ".tmp.drivedownload", ".tmp.driveupload", "sync.ffs_db"),
        *("sync.ffs_lock", "*.ffs_tmp", "_gsdata_", ".849C9593-D756-4E56-8D6E-42412F2A707B"),
    ),
    "a notebook or Python": (
        *(".ipynb_checkpoints", "__pycache__", "__pypackages__", ".virtual_documents", ".venv", "venv"),
        *("virtualenv", "site-packages", "*.egg-info", "*.dist-info", "lightning_logs", "mlruns"),
    ),
    "JavaScript's tools": ("node_modules", "bower_components", "jspm_packages", ".npm", ".yarn"),
    "git or DVC": (".git", ".gitignore", ".gitattributes", ".gitkeep", ".dvc", ".dvcignore", ".svn", ".hg"),
}
# Files only: folders that match are classes for all one knows.
FILES: Mapping[str, tuple[str, ...]] = {
    "Windows": ("*:Zone.Identifier", "*\uf03aZone.Identifier", "thumbcache_*.db", "iconcache_*.db", "*.lnk"),
    "a notebook or Python": ("*.ipynb", "*.pyc", "*.pyo", "*.pyd", "pyvenv.cfg"),
    "an editor": ("*~", "#*#", "~$*", "*.swp"),
    "an unfinished download": ("*.crdownload", "*.part", "*.partial", "*.aria2", "*.!ut", "*.!qb", "*.tmp"),
    "a camera or photo program": (
        *("*.aae", "*.xmp", "*.thm", "*.lrv", "*.ctg", "picasa.ini", "zbthumbnail.info", "pspbrwse.jbf"),
        *("digikam*.db", "*.lrcat", "*.lrdata", "nc_fllst.dat"),
        *(f"*.{kind}.json" for kind in ("jpg", "jpeg", "png", "heic", "gif", "webp")),
        "*.supplemental-metadata.json",
    ),
}


@dataclass(frozen=True)
class LeftOut:
    """A file, or a folder with all that is in it ("/" at the end), that is not taken, and why."""

    name: str
    why: str


def why_left_out(name: str, is_folder: bool) -> str | None:
    """Such as "left by a NAS", or "hidden"; None for the name of a picture, a class or a folder of such."""
    folded = name.casefold()
    match = NAME.fullmatch(folded) or (None if is_folder else FILE.fullmatch(folded))
    if match and match.lastgroup:
        return f"left by {ORIGINS[match.lastgroup]}"
    return "hidden" if name.startswith(".") else None


def _any_of(patterns: Mapping[str, tuple[str, ...]]) -> re.Pattern[str]:
    """One expression with a group for each origin."""
    groups = (
        f"(?P<{_group(origin)}>{'|'.join(translate(name.casefold()) for name in names)})"
        for origin, names in patterns.items()
    )
    return re.compile("|".join(groups))


def _group(origin: str) -> str:
    return re.sub(r"\W", "_", origin)


ORIGINS = {_group(origin): origin for origin in (*NAMES, *FILES)}
NAME, FILE = _any_of(NAMES), _any_of(FILES)
