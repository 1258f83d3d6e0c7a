"""How dates are written, by language: beside Django's own formats, those named here.

A language that is added to LANGUAGES needs a formats.py with these names.
"""
