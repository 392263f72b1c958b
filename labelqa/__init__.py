"""Are your labels consistent? Agreement with intervals, noisy labels, unclear classes.

The public names below load their module on first use (PEP 562), so ``import labelqa`` stays as light as pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from labelqa._version import __version__

if TYPE_CHECKING:
    from labelqa.annotations.classes import LabelCleaning
    from labelqa.annotations.readlog import ReadLog
    from labelqa.annotations.schema import LabelSchema
    from labelqa.annotations.table import Annotations
    from labelqa.counts.count import count_patterns
    from labelqa.counts.patterns import CountPatterns
    from labelqa.errors import LabelqaError
    from labelqa.inference.intervals import ConfidenceInterval
    from labelqa.io.read import read_annotations
    from labelqa.reliability.annotators import AnnotatorAgreement, annotator_agreement
    from labelqa.reliability.by import AgreementBy, agreement_by
    from labelqa.reliability.classes import ClassAgreement, class_agreement
    from labelqa.reliability.estimate import agreement, agreement_table
    from labelqa.reliability.items import ItemDisagreement, item_disagreement
    from labelqa.reliability.result import AgreementResult, AgreementTable
    from labelqa.report.build import build_report
    from labelqa.report.model import Report

_HOME = {
    "AgreementBy": "labelqa.reliability.by",
    "AgreementResult": "labelqa.reliability.result",
    "AgreementTable": "labelqa.reliability.result",
    "AnnotatorAgreement": "labelqa.reliability.annotators",
    "Annotations": "labelqa.annotations.table",
    "ClassAgreement": "labelqa.reliability.classes",
    "ConfidenceInterval": "labelqa.inference.intervals",
    "CountPatterns": "labelqa.counts.patterns",
    "ItemDisagreement": "labelqa.reliability.items",
    "LabelCleaning": "labelqa.annotations.classes",
    "LabelSchema": "labelqa.annotations.schema",
    "LabelqaError": "labelqa.errors",
    "ReadLog": "labelqa.annotations.readlog",
    "Report": "labelqa.report.model",
    "agreement": "labelqa.reliability.estimate",
    "agreement_by": "labelqa.reliability.by",
    "agreement_table": "labelqa.reliability.estimate",
    "annotator_agreement": "labelqa.reliability.annotators",
    "build_report": "labelqa.report.build",
    "class_agreement": "labelqa.reliability.classes",
    "count_patterns": "labelqa.counts.count",
    "item_disagreement": "labelqa.reliability.items",
    "read_annotations": "labelqa.io.read",
}

__all__ = [  # noqa: RUF022  # types first, then functions, each in order
    "AgreementBy",
    "AgreementResult",
    "AgreementTable",
    "AnnotatorAgreement",
    "Annotations",
    "ClassAgreement",
    "ConfidenceInterval",
    "CountPatterns",
    "ItemDisagreement",
    "LabelCleaning",
    "LabelSchema",
    "LabelqaError",
    "ReadLog",
    "Report",
    "__version__",
    "agreement",
    "agreement_by",
    "agreement_table",
    "annotator_agreement",
    "build_report",
    "class_agreement",
    "count_patterns",
    "item_disagreement",
    "read_annotations",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'labelqa' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
