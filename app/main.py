"""Entry page: ``streamlit run main.py -- [FILE]``. Takes a labels file and shows how far its annotators agree."""

from __future__ import annotations

import streamlit as st

import labelqa as lq
from labelqa_app.overview import show_overview
from labelqa_app.source import choose_source

ABOUT = (
    "Are your labels consistent? Give a file of labels by several people and see how far they agree, how sure that is "
    "and which classes they disagree about. The file stays on this computer."
)


def main() -> None:
    """Draw the page once; Streamlit calls this at every interaction."""
    st.set_page_config(page_title="labelqa", page_icon="🏷️", layout="centered")
    st.title("labelqa")
    st.markdown(ABOUT)
    source = choose_source()
    if source is None:
        return
    try:
        with st.spinner("Reading and measuring"):
            annotations = source.read()
        st.header(source.markdown)
        show_overview(annotations)
    except lq.LabelqaError as error:
        st.error(f"**{source.markdown} cannot be used**", icon=":material/error:")
        st.code(str(error), language=None, wrap_lines=True)


main()
