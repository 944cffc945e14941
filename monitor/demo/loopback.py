"""A real HTTP server on an ephemeral loopback port, run by a thread of its own: what the newsroom and the webhook receiver stand on."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

_START_SECONDS = 10.0


class LoopbackServer:
    """Serves `app` from `__enter__` to `__exit__`. `port` 0 takes a free port; `self.port` then says which."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._app = app
        self._wanted = port
        self.port = 0

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self._wanted))
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(self._app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name=f"loopback-{self.port}", daemon=True)
        self._thread.start()
        self._wait_until_started()
        return self

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the server on 127.0.0.1:{self.port} did not start")
            time.sleep(0.005)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
