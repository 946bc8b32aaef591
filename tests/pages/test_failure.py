"""A page that fails says so in the reader's language, without a traceback."""

import pytest
from streamlit.testing.v1 import AppTest

from reports.leader_participation import rows as leaders
from tests.pages.drawn import PROJECT
from ui.lake import LAKE_VARIABLE
from ui.menu import PAGES


@pytest.mark.parametrize(
    ("lang", "label"), [("zh", "返回总览"), ("en", "Back to the overview")]
)
def test_a_fault_is_shown_with_a_way_back_and_goes_to_the_log(
    tiny_lake, monkeypatch, capfd, lang, label
):
    def fail(*_, **__):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setenv(LAKE_VARIABLE, str(tiny_lake))
    monkeypatch.setattr(leaders, "is_due", fail)
    app = AppTest.from_file(str(PROJECT / "dashboard.py"), default_timeout=60)
    app.query_params["lang"] = lang
    app.switch_page(PAGES["leader_participation"].path).run()
    words = "\n".join(element.value for element in app.markdown)
    assert f"[{label}](./?lang={lang})" in words
    assert "secret detail" not in words
    logged = capfd.readouterr()
    assert "secret detail" in logged.out + logged.err
    # The fault itself goes on into the log; Streamlit's own box is there and hidden.
    assert len(app.exception) == 1
    styles = [element.proto.body for element in app.get("html")]
    assert any("stException" in style for style in styles)
