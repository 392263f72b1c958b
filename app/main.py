"""Entry page: ``streamlit run main.py -- [FILE] [--project DATABASE]``."""

from __future__ import annotations

from labelqa_app.shell import run

run()
