"""Start the dashboard: `python -m ui.server [options of streamlit run]`.

The scripts of the menu lie in pages/. Wherever a folder of that name stands beside the
main script, Streamlit takes the app for its older kind of pages until the script has
declared its menu once in the process: the first reader of a fresh server, coming by a
deep link, is told "Page not found" over the right page. Here the older kind is ruled
out before the first reader comes; under a bare `streamlit run dashboard.py` the frame
closes that message (`is_misread`).
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

DASHBOARD = Path(__file__).parents[1] / "dashboard.py"


def is_misread() -> bool:
    """Whether this process still takes pages/ for the older kind of pages."""
    return bool(PagesManager.uses_pages_directory)


if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    cli.main(["run", str(DASHBOARD), *sys.argv[1:]], prog_name="streamlit")
