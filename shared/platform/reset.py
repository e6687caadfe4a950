"""`./koi reset`: forget everything under `var`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping

from shared.platform.embedded.folders import forget
from shared.platform.embedded.lock import RunLock
from shared.platform.settings import BadSetting, var_folder

_KEPT = {"run.lock"}


def reset(environ: Mapping[str, str], *, ask: Callable[[str], bool] | None) -> bool:
    """Delete the embedded servers' data, the secret, files and logs; True when done. `ask` None: do not ask.

    Raises:
        BadSetting: Koi is running, or real servers are set (their data is not ours to delete).
    """
    if environ.get("DATABASE_URL"):
        raise BadSetting("DATABASE_URL is set: ./koi reset deletes only what Koi keeps under var/. Unset it first.")
    var = var_folder(environ)
    lock = RunLock(var)
    if not lock.take("command reset"):
        raise BadSetting(f"Koi is in use ({lock.holder()}). Stop it first.")
    try:
        if ask is not None and not ask(f"Delete all sign-ups, leads, users and files under {var}?"):
            return False
        for server in ("postgres", "valkey"):
            forget(var / server / "socket")
        for each in var.iterdir():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            elif each.name not in _KEPT:
                each.unlink()
    finally:
        lock.give_back()
    print("koi: everything under var/ is gone.", file=sys.stderr)
    return True
