"""Open or start a project."""
from __future__ import annotations
import streamlit as st
def begin() -> None:
    st.write("begin")
def page(here) -> None:
    st.write("page", here.actor)
