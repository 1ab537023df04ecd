"""An environment of its own for each client library, made once and kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.clients.catalogue import HERE, Client

CACHE = HERE / ".env"
AT_MOST_S = 900
_STAMP = "installed"


class EnvironmentUnavailableError(Exception):
    """An environment cannot be made."""


def prepare(client: Client, *, fresh: bool = False) -> Path:
    """Return the folder of a client's environment, made anew if its pins changed.

    Args:
        client: the client.
        fresh: make it anew in any case.

    Raises:
        EnvironmentUnavailableError: a tool is missing, or the installation failed.
    """
    folder = CACHE / client.name
    wanted = _digest(client.requirements)
    stamp = folder / _STAMP
    if fresh or not stamp.is_file() or stamp.read_text("ascii") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if client.language == "python":
            _install_python(client, folder)
        else:
            _install_javascript(client, folder)
        stamp.write_text(wanted, "ascii")
    return folder


def command(client: Client, folder: Path) -> list[str]:
    """Return what starts a client's script; it is run from the repository's root."""
    if client.language == "python":
        module = f"tests.clients.{client.name}.client"
        return [str(_python(folder)), "-X", "utf8", "-m", module]
    # Node resolves packages from where a script lies, so it has to lie there.
    for script in (HERE / "trial.mjs", client.folder / "client.mjs"):
        shutil.copy(script, folder)
    return [_tool("node"), str(folder / "client.mjs")]


def version(client: Client, folder: Path) -> str:
    """Return the version of the client that is installed."""
    if client.language == "javascript":
        manifest = folder / "node_modules" / client.package / "package.json"
        return str(json.loads(manifest.read_text("utf-8"))["version"])
    ask = f"from importlib.metadata import version; print(version({client.package!r}))"
    return _run([str(_python(folder)), "-c", ask]).strip()


def _install_python(client: Client, folder: Path) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    (pins,) = client.requirements
    pip = [str(_python(folder)), "-m", "pip", "--disable-pip-version-check"]
    _run([*pip, "install", "--quiet", "--no-deps", "-r", str(pins)])


def _install_javascript(client: Client, folder: Path) -> None:
    for file in client.requirements:
        shutil.copy(file, folder)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    _run([_tool("npm"), "ci", *quiet, "--prefix", str(folder)])


def _python(folder: Path) -> Path:
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    return folder / inside


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise EnvironmentUnavailableError(f"{name} is not installed; install Node.js")
    return found


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=AT_MOST_S, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise EnvironmentUnavailableError(f"{' '.join(command[:4])} …: {said[-1]}")
    return done.stdout
