"""角色: who may see and do what, and the record of what was done."""

import streamlit as st

from ui import selection
from ui.parts import roles as desk
from ui.roles import require

require("roles")
choice = selection.current()
st.title(choice.text(f"{desk.PAGE}.title"), anchor=False)
st.markdown(choice.text(f"{desk.PAGE}.intro"))
desk.edit_table(choice)
desk.show_acts(choice)
