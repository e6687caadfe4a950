"""As whom PostgreSQL runs, which refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from shared.platform.embedded.binaries import Unavailable

_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """How to start a program and to whom its files belong.

    Attributes:
        uid, gid: owner of data and socket folders as we see them; None: ours.
        switch: whether the program is started with that uid.
        prefix: words before the program (a user namespace where only we may enter the folders).
    """

    uid: int | None = None
    gid: int | None = None
    switch: bool = False
    prefix: tuple[str, ...] = ()

    def own(self, folder: Path) -> None:
        """Make a private folder that this account can use."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and self.gid is not None and folder.stat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)


def choose(data: Path, programs: Path) -> Account:
    """The account for a data folder (which may not exist yet) and the folder of PostgreSQL's programs.

    Not root: ourselves. Root: `nobody`, or ourselves in a user namespace of our own where `nobody` may not enter the
    folders. A data folder that exists decides by its owner.

    Raises:
        Unavailable: root, and neither way is open.
    """
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam(_NOBODY)
    owner = data.stat().st_uid if data.exists() else None
    if owner in {None, nobody.pw_uid} and _open_to_all(data.parent) and _open_to_all(programs):
        return Account(uid=nobody.pw_uid, gid=nobody.pw_gid, switch=True)
    namespace = ("unshare", "--user", f"--map-user={nobody.pw_uid}", "--")
    if owner in {None, 0} and _works(namespace):
        return Account(uid=0, gid=0, prefix=namespace)
    raise Unavailable(
        f"PostgreSQL does not run as root, and the user '{_NOBODY}' may not enter {data.parent}. "
        "Move the checkout to a folder that others may enter (chmod o+x), run ./koi as an ordinary user, "
        "or set DATABASE_URL and REDIS_URL."
    )


def _open_to_all(folder: Path) -> bool:
    """Whether any user may enter the folder and every folder above it (those that exist)."""
    return all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents) if each.exists())


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
