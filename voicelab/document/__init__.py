"""Documents: the files that people write, read so that every fault has a place.

A file (or a mapping built in Python) becomes a `Document` of plain data, then a
typed value by `fit`. Every error names file, line and dotted path, says what is
wrong and what would be right.
"""

from __future__ import annotations

from voicelab.document.fitting import fit, paths_from
from voicelab.document.model import Document, FieldPath, dotted
from voicelab.document.named import find_document, names_in
from voicelab.document.plain import document_of
from voicelab.document.reading import parse_document, read_document
from voicelab.document.secrets import (
    HIDDEN,
    VARIABLE_NAME,
    check_variable_name,
    may_be_key,
    setting_in_words,
    variable_in_words,
)
from voicelab.document.shapes import EXPECTS, close_names, one_of

__all__ = [
    "EXPECTS",
    "HIDDEN",
    "VARIABLE_NAME",
    "Document",
    "FieldPath",
    "check_variable_name",
    "close_names",
    "document_of",
    "dotted",
    "find_document",
    "fit",
    "may_be_key",
    "names_in",
    "one_of",
    "parse_document",
    "paths_from",
    "read_document",
    "setting_in_words",
    "variable_in_words",
]
