"""A check as JUnit XML, which most servers of continuous integration can show.

Structure: `testsuites` > `testsuite` > `testcase` > `failure` or `skipped`, as in the
JUnit schema that Jenkins publishes (junit-10.xsd). A suite is what asked; a case's
class name is what it is about, its name the measure. What is noted counts as skipped.
No run takes any time here, so `time` is 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from voicelab.budgets.check import Check
from voicelab.budgets.verdict import Verdict

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, https://www.w3.org/TR/xml/#charsets."""


def junit(check: Check) -> str:
    """Return a check as the text of a JUnit file."""
    root = ET.Element(
        "testsuites", {"name": "voicelab check", **_counts(check.verdicts)}
    )
    rows = sorted(check.verdicts, key=lambda row: row.source)
    for source, group in groupby(rows, key=lambda row: row.source):
        _suite(root, source, list(group))
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + ET.tostring(root, encoding="unicode") + "\n"


def _counts(rows: Sequence[Verdict]) -> dict[str, str]:
    failures = sum(row.outcome == "failed" for row in rows)
    return {
        "tests": str(len(rows)),
        "failures": str(failures),
        "errors": "0",
        "time": "0",
    }


def _suite(root: ET.Element, source: str, rows: Sequence[Verdict]) -> None:
    skipped = str(sum(row.outcome == "noted" for row in rows))
    suite = ET.SubElement(
        root, "testsuite", {"name": source, "skipped": skipped, **_counts(rows)}
    )
    for row in rows:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_text(row.subject),
            name=_text(row.measure),
            time="0",
        )
        if row.outcome == "failed":
            told = ET.SubElement(
                case, "failure", type=source, message=_text(row.reason)
            )
            told.text = _text(row.sentence)
        elif row.outcome == "noted":
            ET.SubElement(case, "skipped", message=_text(row.reason))


def _text(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
