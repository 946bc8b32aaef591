"""上报: files are looked at, confirmed and filed here, and withdrawn again."""

import streamlit as st

from ui import selection
from ui.parts import submissions as desk
from ui.roles import require

require("submissions")
PAGE = desk.PAGE
choice = selection.current()
st.title(choice.text(f"{PAGE}.title"), anchor=False)
st.markdown(choice.text(f"{PAGE}.intro"))
choice = desk.act_for(selection.choose(choice, "group"))
manifest = desk.read_manifest()
known, is_whole = desk.ask_submissions(manifest, choice)
desk.say_done(choice)
desk.catch_up(manifest, choice)
uploads = desk.choose_files(choice) if is_whole else ()
if uploads:
    desk.show_files(uploads, choice)
desk.show_own(known, manifest, choice, may_withdraw=is_whole)
