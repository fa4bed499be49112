"""The wheel holds everything that Vigie needs: it runs from elsewhere, without the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.browser.conftest import free_port, wait_until_ready

ROOT = Path(__file__).resolve().parents[2]
#: What the package is made of; compiled catalogues are left out, as in a fresh checkout.
SOURCES = ("supplier", "templates", "migrations")
TEXTS = (".gitignore", "pyproject.toml", "README.md", "LICENSE", "hatch_build.py")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which a wheel, built from a copy of the checkout, was installed."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        unwanted = shutil.ignore_patterns("*.mo", "__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=unwanted)
    for name in TEXTS:
        shutil.copy(ROOT / name, copy / name)
    target = tmp_path_factory.mktemp("wheel")
    [wheel] = WheelBuilder(str(copy)).build(directory=str(target), versions=["standard"])
    place = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile",
         "--disable-pip-version-check", "--target", place, wheel],
        check=True,
    )  # fmt: skip
    shutil.rmtree(copy)
    return place


@pytest.fixture
def elsewhere(installed: Path, tmp_path: Path) -> dict[str, Any]:
    """How to call the installed command in an empty folder, with nothing of ours around."""
    strange = {name: value for name, value in os.environ.items() if "SUPPLIER" not in name}
    return {"cwd": tmp_path, "env": strange | {"PYTHONPATH": str(installed)}}


@pytest.fixture
def address(installed: Path, elsewhere: dict[str, Any], tmp_path: Path) -> Iterator[str]:
    """The address of `supplier serve`, started from the wheel after `supplier init`."""
    command = installed / "bin" / "supplier"
    url = f"http://localhost:{free_port()}"
    environ = elsewhere["env"] | {"SUPPLIER_PUBLIC_URL": url}
    prepared = subprocess.run(
        [command, "init", "--email", "hugo@kerlan.example", "--json"],
        cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert prepared.returncode == 0, prepared.stderr
    assert json.loads(prepared.stdout)["link"].startswith(url)
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "serve", "--no-worker", "--port", url.rsplit(":", 1)[1]],
            cwd=tmp_path, env=environ, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        wait_until_ready(f"{url}/health/ready", process, log)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=40)


def fetched(url: str, language: str = "fr") -> str:
    asked = urllib.request.Request(url, headers={"Accept-Language": language})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def test_the_wheel_brings_its_migrations_templates_texts_and_styles(
    address: str, elsewhere: dict[str, Any], installed: Path
) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import supplier; print(supplier.__file__)"],
        **elsewhere, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(installed)
    page = fetched(f"{address}/sign-in")
    assert '<html lang="fr"' in page
    assert "Se connecter" in page
    assert "Anmelden" in fetched(f"{address}/sign-in", "de")
    sheets = re.findall(r'<link[^>]+href="([^"]+\.css[^"]*)"', page)
    assert sheets
    for sheet in sheets:
        assert "{" in fetched(address + sheet), sheet
    for script in re.findall(r'<script[^>]+src="([^"]+)"', page):
        assert fetched(address + script), script
    found = subprocess.run(
        [installed / "bin" / "supplier", "doctor", "--json"],
        **elsewhere, capture_output=True, text=True, check=False,
    )  # fmt: skip
    checks = {one["name"]: one["state"] for one in json.loads(found.stdout)["checks"]}
    assert checks["migrations"] == checks["files"] == checks["durability"] == "ok"
