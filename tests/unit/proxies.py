"""A real forward proxy: CONNECT for https, absolute addresses for http. Names are its own business: `hosts` says on which port each is."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

LOGIN = "monitor", "open:sesame"


class Proxy:
    def __init__(self, hosts: dict[str, int], login: tuple[str, str] | None = LOGIN) -> None:
        self._hosts = hosts
        self._wanted = base64.b64encode(":".join(login).encode()) if login else b""
        self.asked: list[str] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        self.asked.append(f"{method} {target}")
        if self._wanted not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host = target.rsplit(":", 1)[0] if method == "CONNECT" else urlsplit(target).hostname or ""
        if host not in self._hosts:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._hosts[host])
        try:
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                onward.write(b"".join(line for line in head.splitlines(keepends=True) if not line.lower().startswith(b"proxy-")))
            await asyncio.gather(_copy(reader, onward), _copy(there, writer))
        finally:
            onward.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()


@asynccontextmanager
async def proxying(proxy: Proxy, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    server = await asyncio.start_server(proxy, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
