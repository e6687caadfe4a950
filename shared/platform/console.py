"""For commands: `@pass_settings` hands a click command the settings of servers that answer."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from shared.platform.reach import reached
from shared.platform.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")


def pass_settings(command: Callable[Concatenate[Settings, P], R]) -> Callable[P, R]:
    """Call the command with `Settings` first; servers that were started for it are stopped after it."""

    @functools.wraps(command)
    def with_servers(*args: P.args, **kwargs: P.kwargs) -> R:
        from shared.work import doorbell

        with reached(os.environ) as settings:
            doorbell.install(settings.redis_url)
            return command(settings, *args, **kwargs)

    return with_servers
