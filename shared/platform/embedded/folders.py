"""Folders for unix sockets, whose paths may have 107 bytes at most (unix(7))."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from shared.platform.embedded.account import Account

_LONGEST = 107
_NAMES = len("/.s.PGSQL.5432.lock")


def socket_folder(wanted: Path, account: Account) -> Path:
    """A 0700 folder of the account for sockets: `wanted`, or a short one in /tmp if that cannot hold them.

    It cannot when its path is too long, or has a space: Valkey's list of clients names the socket, and redis-py splits
    that list at spaces. The short one is written down in `wanted/elsewhere`, where the next start and other commands
    find it.
    """
    if len(os.fsencode(wanted)) + _NAMES <= _LONGEST and not any(map(str.isspace, str(wanted))):
        account.own(wanted)
        return wanted
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = existing(wanted)
    if known != wanted and known.is_dir() and not known.is_symlink() and known.stat().st_mode & 0o077 == 0:
        account.own(known)
        return known
    short = Path(tempfile.mkdtemp(prefix="koi-", dir="/tmp"))
    account.own(short)
    (wanted / "elsewhere").write_text(str(short), encoding="utf-8")
    return short


def existing(wanted: Path) -> Path:
    """Where `socket_folder` put the sockets."""
    note = wanted / "elsewhere"
    return Path(note.read_text(encoding="utf-8")) if note.exists() else wanted


def forget(wanted: Path) -> None:
    """Remove the short folder, if there is one."""
    short = existing(wanted)
    if short != wanted:
        shutil.rmtree(short, ignore_errors=True)
        (wanted / "elsewhere").unlink(missing_ok=True)
