"""`supplier serve` comes up with its worker, keeps secrets out of its log, and ends in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.browser.conftest import free_port, wait_until_ready


def test_a_signal_ends_the_server_and_its_worker_without_a_complaint(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "server.log"
    strange = {name: value for name, value in os.environ.items() if "SUPPLIER" not in name}
    environ = strange | {"SUPPLIER_PUBLIC_URL": f"http://localhost:{port}"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "supplier.cli.main", "serve", "--port", str(port)],
            cwd=tmp_path, env=environ, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until_ready(f"http://localhost:{port}/health/ready", process, log)
        for path in ("/link/a-token-that-opens-doors", "/sso/back?code=a-code-that-opens-doors"):
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"http://localhost:{port}{path}").close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # The server waits for its worker: it would not have ended before it.
    assert process.returncode == 0
    said = log.read_text()
    assert "Traceback" not in said
    assert "opens-doors" not in said
