"""A small internet in one process: below asyncio, where names are resolved and sockets connect, names have the addresses that a test gives
them and public addresses lead to servers on loopback."""

from __future__ import annotations

import errno
import socket
import time
from collections import defaultdict
from ipaddress import ip_address
from typing import Any

import pytest

PUBLIC = "93.184.215.14"


class Internet:
    """`names`: the answers about each name, one after the other, the last for ever. `places`: the loopback port that stands for a place."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.places: dict[tuple[str, int], int] = {}
        self.slow: dict[str, float] = defaultdict(float)
        self.asked: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self._getaddrinfo = socket.getaddrinfo

    def resolve(self, host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:  # noqa: A002 (as in socket)
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in self.names:  # spellings of numbers are read as the system reads them, and nobody is asked about other names
            return self._getaddrinfo(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)
        self.asked.append(name)
        time.sleep(self.slow[name])
        answers = self.names[name]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [_answer(address, port) for address in found]

    def connect(self, sock: socket.socket, address: Any) -> None:
        place = (address[0], address[1])
        self.connected.append(place)
        if not ip_address(place[0]).is_loopback:
            if place not in self.places:
                raise OSError(errno.ENETUNREACH, "Network is unreachable")
            address = ("127.0.0.1", self.places[place])
        super(socket.socket, sock).connect(address)


def _answer(address: str, port: int) -> tuple[int, int, int, str, tuple[Any, ...]]:
    kind, rest = (socket.AF_INET6, (0, 0)) if ":" in address else (socket.AF_INET, ())
    return (kind, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, *rest))


def small_internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet()

    def connect(sock: socket.socket, address: Any) -> None:  # a function, so that it becomes a method
        made.connect(sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", made.resolve)
    monkeypatch.setattr(socket.socket, "connect", connect, raising=False)
    return made
