"""The house keeps its measures: nothing grows without end, and importing does nothing."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("monitor", "migrations", "bench")
FILES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 400, 50, 6

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, Function]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{file.relative_to(ROOT)}:{node.lineno} {node.name}", node


def parameters(node: Function) -> int:
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *filter(None, (arguments.vararg, arguments.kwarg))]
    return sum(each.arg not in ("self", "cls") for each in named)


def test_no_file_is_too_long() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert len(lengths) > 50
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions() if "migrations/versions" not in name}
    assert len(lengths) > 300
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 10


def test_no_function_takes_too_much() -> None:
    counts = {name: parameters(node) for name, node in functions()}
    assert {name: count for name, count in counts.items() if count > MOST_PARAMETERS} == {}


# urllib3, which trafilatura brings along, tries at its import whether this machine speaks IPv6: that is not ours to mend.
IMPORT_ALL = """
import importlib, json, os, pkgutil, sys, threading, traceback
seen = []
sys.path.insert(0, ROOT)
def watch(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        seen.append(f"{event} {arguments[0]} {arguments[1]}")
    elif event.startswith("socket") and "urllib3" in "".join(frame.filename for frame in traceback.extract_stack()[-8:]):
        pass
    elif event in ("os.mkdir", "os.remove", "os.rename", "socket.__new__", "socket.connect", "socket.bind", "subprocess.Popen", "os.fork"):
        seen.append(f"{event} {arguments}")
sys.addaudithook(watch)
descriptors = set(os.listdir("/proc/self/fd"))
import monitor
names = [each.name for each in pkgutil.walk_packages(monitor.__path__, "monitor.")]
for name in names:
    before = len(seen), threading.active_count()
    importlib.import_module(name)
    if (len(seen), threading.active_count()) != before:
        seen.append(f"by {name}")
print(json.dumps({"modules": len(names), "seen": seen, "threads": threading.active_count(),
                  "descriptors": sorted(set(os.listdir("/proc/self/fd")) - descriptors)}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_importing_every_module_does_nothing(tmp_path: Path) -> None:
    script = f"ROOT = {str(ROOT)!r}\n{IMPORT_ALL}"
    result = subprocess.run([sys.executable, "-B", "-c", script], env={}, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["modules"] > 60
    assert (found["seen"], found["threads"], found["descriptors"]) == ([], 1, [])
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


HEAVY = ("trafilatura", "sqlalchemy", "alembic", "httpx", "aiohttp", "apscheduler", "lxml", "feedparser", "babel", "rapidfuzz", "rensa")


@pytest.mark.parametrize("command", [[], ["--help"], ["stories", "--help"], ["assess", "--help"]])
def test_help_needs_no_heavy_library(command: list[str]) -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['monitor', *{command!r}]\n"
        "from monitor.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('|' + ' '.join(sorted(name for name in sys.modules if '.' not in name)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "Usage" in result.stdout
    loaded = result.stdout.rsplit("|", 1)[1].split()
    assert sorted(set(HEAVY) & set(loaded)) == []
