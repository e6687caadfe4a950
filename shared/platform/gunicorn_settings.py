"""How gunicorn serves the three faces; read by gunicorn itself (`--config python:shared.platform.gunicorn_settings`).

No `max_requests`: with threads it resets connections in the middle of requests (gunicorn #3038).
"""

from __future__ import annotations

import os
from typing import Any

from shared.platform.gate import wait_open
from shared.platform.process import forks_follow

forks_follow()

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = int(os.environ.get("KOI_WEB_PROCESSES", "2"))
threads = int(os.environ.get("KOI_WEB_THREADS", "16"))
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


def post_worker_init(_worker: Any) -> None:
    """Take the first connection only when the database is ready; until then they wait in the queue."""
    wait_open(os.environ, timeout / 2)
