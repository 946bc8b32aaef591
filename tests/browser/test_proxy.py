"""The shipped proxy: TLS, a login, and headers under which every page still works."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from browsing import guarded_page, settle
from playwright.sync_api import Browser, expect
from serving import DASHBOARD, PROJECT, free_port, serve

NAME = "dashboard.example"
USER, PASSWORD = "office", "only-for-this-test"


class Proxy(NamedTuple):
    """Where it answers by its name, and at which port of this machine."""

    url: str
    port: int


@pytest.fixture(scope="module")
def proxy(tiny_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx with deploy/nginx.conf before a dashboard as deploy/ starts it.

    Only ports and folders are changed, as nobody but root may have the real ones.
    """
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        reason = "no nginx; `sh setup/browser.sh` says how to get one"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    url = f"https://{NAME}:{port}"
    environment = {"LEDGER_LAKE": str(tiny_lake)} | _environment_of_the_service()
    with serve(DASHBOARD, folder / "dashboard.txt", environment) as server:
        written = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
        for shipped, here in (
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("listen 443 ", f"listen 127.0.0.1:{port} "),
            ("http://127.0.0.1:8501", server.url),
            ("/etc/nginx/dashboard", f"{folder}/dashboard"),
            ("/run/nginx.pid", f"{folder}/nginx.pid"),
            ("/var/log/nginx", str(folder)),
        ):
            assert shipped in written
            written = written.replace(shipped, here)
        (folder / "nginx.conf").write_text(written, "utf-8")
        _write_certificate(folder)
        (folder / "dashboard.htpasswd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        process = subprocess.Popen(
            [*command, "-g", f"daemon off; user {getpass.getuser()};"],
            stderr=(folder / "error.txt").open("w"),
        )
        try:
            _wait_for(port, folder)
            yield Proxy(url, port)
        finally:
            process.terminate()
            process.wait(30)


def _environment_of_the_service() -> dict[str, str]:
    """What the shipped unit sets of Streamlit's options."""
    unit = (PROJECT / "deploy" / "coverage-dashboard.service").read_text("utf-8")
    found = dict(re.findall(r"^Environment=(STREAMLIT_\w+)=(\S+)$", unit, re.MULTILINE))
    assert len(found) == 2
    return found


def _write_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-keyout", folder / "dashboard.key", "-out", folder / "dashboard.crt"]
        + ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"],
        check=True,
        capture_output=True,
    )


def _wait_for(port: int, folder: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            _answer(port, "/")
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError((folder / "error.txt").read_text("utf-8", "replace"))


def _answer(port: int, path: str, host: str = NAME) -> tuple[int, dict[str, str]]:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    request = urllib.request.Request(
        f"https://127.0.0.1:{port}{path}", headers={"Host": host}
    )
    with opener.open(request, timeout=10) as answer:
        return answer.status, dict(answer.headers)


@pytest.mark.parametrize(
    "path",
    ["/", "/county_heatmap", "/_stcore/health", "/_stcore/stream", "/media/x.csv"],
)
def test_nothing_is_given_to_who_is_not_known(proxy, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        _answer(proxy.port, path)
    assert refused.value.code == 401
    assert refused.value.headers["X-Content-Type-Options"] == "nosniff"
    assert refused.value.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in refused.value.headers["Content-Security-Policy"]


def test_another_name_gets_no_answer(proxy):
    with pytest.raises(OSError, match="closed connection|reset|EOF"):
        _answer(proxy.port, "/", host="elsewhere.example")


def test_pages_work_under_the_headers_and_a_file_comes_through(browser: Browser, proxy):
    login = {"username": USER, "password": PASSWORD}
    with guarded_page(
        browser, proxy.url, ignore_https_errors=True, http_credentials=login
    ) as page:
        # What the policy forbids is an error of the console and fails the page.
        for path in ("/", "/county_heatmap?unit=350102", "/topics_and_speaking"):
            page.goto(path)
            settle(page)
            page.get_by_role("heading", level=1).first.wait_for()
        expect(page.locator(".plot > svg").first).to_be_attached()
        page.goto("/county_heatmap")
        settle(page)
        page.get_by_text("导出", exact=True).first.click()
        settle(page)
        with page.expect_download() as downloaded:
            page.get_by_role("button", name="CSV").first.click()
        content = Path(downloaded.value.path()).read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") and b"numerator" in content
