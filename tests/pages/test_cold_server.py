"""On a server that has just started no page is reached around dashboard.py.

Streamlit also knows an older kind of page: where a folder pages/ stands beside the
script, its files are served on request until the first run has declared the menu,
without the frame and later without the login, and every other address is "not found".
ui/server.py rules that out; this asks the way a browser's first message does.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from serving import DASHBOARD, PROJECT, Server, serve
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from reports.words.catalogue import text
from ui.lake import LAKE_VARIABLE
from ui.menu import MENU

UNFRAMED = """import streamlit as st
menu = st.navigation([
    st.Page(lambda: None, title="first", url_path="first"),
    st.Page(lambda: None, title="inside", url_path="inside"),
])
st.text("the frame")
menu.run()
"""


def first_run(server: Server, **request: str) -> str:
    """What the very first run of a session draws, as the protocol's text."""
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    drawn = []
    with connect(address, subprotocols=["streamlit"], origin=server.url) as socket:
        message = BackMsg()
        for field, value in request.items():
            setattr(message.rerun_script, field, value)
        socket.send(message.SerializeToString())
        while True:
            reply = ForwardMsg.FromString(socket.recv(timeout=60))
            drawn.append(str(reply))
            if reply.WhichOneof("type") == "script_finished":
                return "\n".join(drawn)


def ways_to_ask(page: Path) -> list[dict[str, str]]:
    """By its name in the address, and by the hash that the old discovery gives it."""
    digest = hashlib.md5(str(page).encode(), usedforsecurity=False).hexdigest()
    return [{"page_name": page.stem}, {"page_script_hash": digest}]


@pytest.mark.parametrize("way", [0, 1], ids=["by name", "by hash"])
def test_the_first_run_of_a_cold_server_is_in_the_frame(tiny_lake, tmp_path, way):
    page = PROJECT / MENU[-1].path
    environment = {LAKE_VARIABLE: str(tiny_lake)}
    with serve(DASHBOARD, tmp_path / "log.txt", environment) as server:
        drawn = first_run(server, **ways_to_ask(page)[way])
    assert "page_not_found" not in drawn
    assert "navigation {" in drawn
    assert "choose:lang" in drawn


def test_a_script_directly_in_pages_would_be_reached_around_the_frame(tmp_path):
    (tmp_path / "pages").mkdir()
    leak = tmp_path / "pages" / "leak.py"
    leak.write_text("import streamlit as st\nst.text('around')\n")
    (tmp_path / "app.py").write_text(UNFRAMED)
    with serve(tmp_path / "app.py", tmp_path / "log.txt") as server:
        drawn = first_run(server, **ways_to_ask(leak)[0])
    assert "around" in drawn
    assert "the frame" not in drawn


def test_a_mere_folder_of_that_name_would_make_the_first_deep_link_not_found(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "app.py").write_text(UNFRAMED)
    with serve(tmp_path / "app.py", tmp_path / "log.txt") as server:
        assert "page_not_found" in first_run(server, page_name="inside")
        assert "page_not_found" not in first_run(server, page_name="inside")


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_the_start_of_the_server_is_no_page(address, tiny_lake, tmp_path):
    """`streamlit run ui/server.py` came up, and its first run began a second server."""
    script, environment = PROJECT / "ui" / "server.py", {LAKE_VARIABLE: str(tiny_lake)}
    options = ("--server.address", address)
    log = tmp_path / "log.txt"
    with serve(script, log, environment, options=options) as server:
        drawn = first_run(server, query_string="lang=en")
    assert text("en", "failure.alone", script="server.py") in drawn
    assert drawn.count("delta {") == 1


def test_an_address_below_a_page_is_led_to_one_level(tiny_lake, tmp_path):
    """There the document would look for its scripts in vain: a white page."""
    environment = {LAKE_VARIABLE: str(tiny_lake)}
    open_url = build_opener(ProxyHandler({})).open
    with serve(DASHBOARD, tmp_path / "log.txt", environment) as server:
        for asked, led in (
            ("/county_heatmap/extra?lang=en", "/county_heatmap_extra?lang=en"),
            ("/a/b//c/", "/a_b_c"),
            ("/a/%2F%2Fother.example", "/a_other.example"),
            ("/county_heatmap?lang=en", "/county_heatmap?lang=en"),
        ):
            with open_url(server.url + asked) as answer:
                assert answer.url == server.url + led
        with open_url(server.url + "/") as answer:
            script = re.search(r'src="\.(/static/js/[^"]+)"', answer.read().decode())
        with open_url(server.url + script[1]) as answer:
            assert answer.url == server.url + script[1]
            assert "javascript" in answer.headers["Content-Type"]
