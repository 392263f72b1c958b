"""Are your labels consistent? See https://pypi.org/project/labelqa and the README."""
