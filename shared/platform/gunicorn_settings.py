"""How gunicorn serves the three faces; read by gunicorn itself (`--config python:shared.platform.gunicorn_settings`).

No `max_requests`: with threads it resets connections in the middle of requests (gunicorn #3038).
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
from typing import Any

from shared.platform.gate import wait_open
from shared.platform.process import forks_follow
from shared.platform.settings import var_folder

forks_follow()


def _share_figures() -> None:
    """Let the processes count together for /metrics: prometheus_client keeps their figures in files of this folder."""
    folder = var_folder(os.environ) / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


_share_figures()

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = int(os.environ.get("KOI_WEB_PROCESSES", "2"))
# Eight: 970 to 1,170 sign-ups a second on two cores; with 16, whose threads wait for each other, 860 to 1,010.
threads = int(os.environ.get("KOI_WEB_THREADS", "8"))
bind = f"{os.environ.get('KOI_HOST', '127.0.0.1')}:{os.environ.get('KOI_PORT', '8000')}"
backlog = 2048
keepalive = 5
timeout = 60
graceful_timeout = 10
preload_app = True  # loaded once, then forked: half the start, and shared memory; nothing is connected before the fork
control_socket_disable = True
proc_name = "koi-web"
accesslog = None
errorlog = "-"
loglevel = "warning"
# Proxies in front are counted by KOI_TRUSTED_PROXIES (werkzeug's ProxyFix), not by address.
forwarded_allow_ips = ""


def when_ready(server: Any) -> None:
    """Before the fork: what was loaded stays, so no garbage collection need walk through it during requests.

    A connection is taken when something has come over it: each new one would hold a thread for seconds, waiting for
    its request, and browsers and proxies open some ahead.
    """
    for listener in server.LISTENERS:
        if listener.sock.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_DEFER_ACCEPT"):
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, timeout)
    gc.collect()
    gc.freeze()


def child_exit(_server: Any, worker: Any) -> None:
    """Keep what a process that ended has counted."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped


def post_worker_init(_worker: Any) -> None:
    """Take the first connection only when the database is ready; until then they wait in the queue."""
    wait_open(os.environ, timeout / 2)
