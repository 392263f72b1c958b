"""The Streamlit app of labelqa, installed as ``labelqa_app``: pages over the library, no statistics of their own."""
