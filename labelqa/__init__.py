"""Are your labels consistent? Agreement with intervals, noisy labels, unclear classes.

The public names below load their module on first use (PEP 562), so ``import labelqa`` stays as light as pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from labelqa._version import __version__

if TYPE_CHECKING:
    from labelqa.aggregation.annotators.quality import annotator_quality
    from labelqa.aggregation.annotators.quality_result import AnnotatorQuality
    from labelqa.aggregation.annotators.schools import annotator_schools
    from labelqa.aggregation.annotators.schools_result import AnnotatorSchools
    from labelqa.aggregation.calibration import Calibration
    from labelqa.aggregation.consensus import consensus
    from labelqa.aggregation.next_choice import next_labels
    from labelqa.aggregation.next_labels_result import NextLabels
    from labelqa.aggregation.result import ConsensusResult
    from labelqa.ambiguity.class_summary import ClassAmbiguity, class_ambiguity
    from labelqa.ambiguity.confusions import class_confusions
    from labelqa.ambiguity.confusions_result import ClassConfusions
    from labelqa.ambiguity.evidence.explain import explain_confusion
    from labelqa.ambiguity.evidence.prompt import draft_prompt
    from labelqa.ambiguity.evidence.result import ConfusionEvidence
    from labelqa.annotations.classes import LabelCleaning
    from labelqa.annotations.readlog import ReadLog
    from labelqa.annotations.schema import LabelSchema
    from labelqa.annotations.structured import StructuredAnnotations
    from labelqa.annotations.table import Annotations
    from labelqa.counts.count import count_patterns
    from labelqa.counts.patterns import CountPatterns
    from labelqa.diagnosis.slice_diagnosis import SliceDiagnosis
    from labelqa.diagnosis.slice_remedies import diagnose_slices
    from labelqa.diagnosis.sorting import triage
    from labelqa.diagnosis.triage_result import Triage
    from labelqa.errors import LabelqaError
    from labelqa.guidelines.diff import diff_guidelines
    from labelqa.guidelines.diff_result import GuidelineDiff
    from labelqa.guidelines.document import Guideline
    from labelqa.guidelines.lint import lint_guideline
    from labelqa.guidelines.lint_result import GuidelineLint
    from labelqa.guidelines.markdown import guideline_markdown
    from labelqa.guidelines.markdown_reader import parse_guideline_markdown
    from labelqa.guidelines.rule import Evidence, Rule
    from labelqa.guidelines.starter import starter_guideline
    from labelqa.guidelines.versions import GuidelineVersion
    from labelqa.inference.benchmark import Benchmark, benchmark
    from labelqa.inference.intervals import ConfidenceInterval
    from labelqa.io.read import read_annotations
    from labelqa.io.write import WrittenFile, write_annotations
    from labelqa.label_issues.clean import CleanedLabels, clean_labels
    from labelqa.label_issues.estimate import estimate_label_errors
    from labelqa.label_issues.estimate_result import ErrorEstimate
    from labelqa.label_issues.find import find_label_issues
    from labelqa.label_issues.result import LabelIssues
    from labelqa.label_issues.sample import ReviewSample
    from labelqa.reliability.annotators import AnnotatorAgreement, annotator_agreement
    from labelqa.reliability.by import AgreementBy, agreement_by
    from labelqa.reliability.classes import ClassAgreement, class_agreement
    from labelqa.reliability.comparison.compare import compare_agreement
    from labelqa.reliability.comparison.result import AgreementComparison
    from labelqa.reliability.distance.boxes import BoxAgreement, box_agreement
    from labelqa.reliability.distance.estimate import distance_agreement
    from labelqa.reliability.distance.intraclass import IntraclassCorrelation, intraclass_correlation
    from labelqa.reliability.distance.preferences import PreferenceAgreement, preference_agreement
    from labelqa.reliability.distance.rankings import RankingAgreement, ranking_agreement
    from labelqa.reliability.distance.result import DistanceAgreement
    from labelqa.reliability.distance.spans import SpanAgreement, span_agreement
    from labelqa.reliability.estimate import agreement, agreement_table
    from labelqa.reliability.items import ItemDisagreement, item_disagreement
    from labelqa.reliability.planning.plan import plan_agreement_study
    from labelqa.reliability.planning.rates import AssumedRates
    from labelqa.reliability.planning.result import AgreementStudyPlan, PlanCheck
    from labelqa.reliability.result import AgreementResult, AgreementTable
    from labelqa.reliability.sequential.state import SequentialState
    from labelqa.reliability.sequential.target import SequentialTarget
    from labelqa.report.answers.classes import evidence_report
    from labelqa.report.build import build_report
    from labelqa.report.model import Report
    from labelqa.slices.coverage import SliceCoverage, slice_coverage
    from labelqa.slices.disagreement import disagreement_slices
    from labelqa.slices.drift import SliceDrift, slice_drift
    from labelqa.slices.find import find_slices
    from labelqa.slices.metrics import SliceMetrics, slice_metrics
    from labelqa.slices.result import SliceTable
    from labelqa.validation.expect import Expectation
    from labelqa.validation.result import Finding, Validation
    from labelqa.validation.validate import validate_annotations

_HOME = {
    "AgreementBy": "labelqa.reliability.by",
    "AgreementComparison": "labelqa.reliability.comparison.result",
    "AgreementResult": "labelqa.reliability.result",
    "AgreementStudyPlan": "labelqa.reliability.planning.result",
    "AgreementTable": "labelqa.reliability.result",
    "Annotations": "labelqa.annotations.table",
    "AnnotatorAgreement": "labelqa.reliability.annotators",
    "AnnotatorQuality": "labelqa.aggregation.annotators.quality_result",
    "AnnotatorSchools": "labelqa.aggregation.annotators.schools_result",
    "AssumedRates": "labelqa.reliability.planning.rates",
    "Benchmark": "labelqa.inference.benchmark",
    "BoxAgreement": "labelqa.reliability.distance.boxes",
    "Calibration": "labelqa.aggregation.calibration",
    "ClassAgreement": "labelqa.reliability.classes",
    "ClassAmbiguity": "labelqa.ambiguity.class_summary",
    "ClassConfusions": "labelqa.ambiguity.confusions_result",
    "CleanedLabels": "labelqa.label_issues.clean",
    "ConfidenceInterval": "labelqa.inference.intervals",
    "ConfusionEvidence": "labelqa.ambiguity.evidence.result",
    "ConsensusResult": "labelqa.aggregation.result",
    "CountPatterns": "labelqa.counts.patterns",
    "DistanceAgreement": "labelqa.reliability.distance.result",
    "ErrorEstimate": "labelqa.label_issues.estimate_result",
    "Evidence": "labelqa.guidelines.rule",
    "Expectation": "labelqa.validation.expect",
    "Finding": "labelqa.validation.result",
    "Guideline": "labelqa.guidelines.document",
    "GuidelineDiff": "labelqa.guidelines.diff_result",
    "GuidelineLint": "labelqa.guidelines.lint_result",
    "GuidelineVersion": "labelqa.guidelines.versions",
    "IntraclassCorrelation": "labelqa.reliability.distance.intraclass",
    "ItemDisagreement": "labelqa.reliability.items",
    "LabelCleaning": "labelqa.annotations.classes",
    "LabelIssues": "labelqa.label_issues.result",
    "LabelSchema": "labelqa.annotations.schema",
    "LabelqaError": "labelqa.errors",
    "NextLabels": "labelqa.aggregation.next_labels_result",
    "PlanCheck": "labelqa.reliability.planning.result",
    "PreferenceAgreement": "labelqa.reliability.distance.preferences",
    "RankingAgreement": "labelqa.reliability.distance.rankings",
    "ReadLog": "labelqa.annotations.readlog",
    "Report": "labelqa.report.model",
    "ReviewSample": "labelqa.label_issues.sample",
    "Rule": "labelqa.guidelines.rule",
    "SequentialState": "labelqa.reliability.sequential.state",
    "SequentialTarget": "labelqa.reliability.sequential.target",
    "SliceCoverage": "labelqa.slices.coverage",
    "SliceDiagnosis": "labelqa.diagnosis.slice_diagnosis",
    "SliceDrift": "labelqa.slices.drift",
    "SliceMetrics": "labelqa.slices.metrics",
    "SliceTable": "labelqa.slices.result",
    "SpanAgreement": "labelqa.reliability.distance.spans",
    "StructuredAnnotations": "labelqa.annotations.structured",
    "Triage": "labelqa.diagnosis.triage_result",
    "Validation": "labelqa.validation.result",
    "WrittenFile": "labelqa.io.write",
    "agreement": "labelqa.reliability.estimate",
    "agreement_by": "labelqa.reliability.by",
    "agreement_table": "labelqa.reliability.estimate",
    "annotator_agreement": "labelqa.reliability.annotators",
    "annotator_quality": "labelqa.aggregation.annotators.quality",
    "annotator_schools": "labelqa.aggregation.annotators.schools",
    "benchmark": "labelqa.inference.benchmark",
    "box_agreement": "labelqa.reliability.distance.boxes",
    "build_report": "labelqa.report.build",
    "class_agreement": "labelqa.reliability.classes",
    "class_ambiguity": "labelqa.ambiguity.class_summary",
    "class_confusions": "labelqa.ambiguity.confusions",
    "clean_labels": "labelqa.label_issues.clean",
    "compare_agreement": "labelqa.reliability.comparison.compare",
    "consensus": "labelqa.aggregation.consensus",
    "count_patterns": "labelqa.counts.count",
    "diagnose_slices": "labelqa.diagnosis.slice_remedies",
    "diff_guidelines": "labelqa.guidelines.diff",
    "disagreement_slices": "labelqa.slices.disagreement",
    "distance_agreement": "labelqa.reliability.distance.estimate",
    "draft_prompt": "labelqa.ambiguity.evidence.prompt",
    "estimate_label_errors": "labelqa.label_issues.estimate",
    "evidence_report": "labelqa.report.answers.classes",
    "explain_confusion": "labelqa.ambiguity.evidence.explain",
    "find_label_issues": "labelqa.label_issues.find",
    "find_slices": "labelqa.slices.find",
    "guideline_markdown": "labelqa.guidelines.markdown",
    "intraclass_correlation": "labelqa.reliability.distance.intraclass",
    "item_disagreement": "labelqa.reliability.items",
    "lint_guideline": "labelqa.guidelines.lint",
    "next_labels": "labelqa.aggregation.next_choice",
    "parse_guideline_markdown": "labelqa.guidelines.markdown_reader",
    "plan_agreement_study": "labelqa.reliability.planning.plan",
    "preference_agreement": "labelqa.reliability.distance.preferences",
    "ranking_agreement": "labelqa.reliability.distance.rankings",
    "read_annotations": "labelqa.io.read",
    "slice_coverage": "labelqa.slices.coverage",
    "slice_drift": "labelqa.slices.drift",
    "slice_metrics": "labelqa.slices.metrics",
    "span_agreement": "labelqa.reliability.distance.spans",
    "starter_guideline": "labelqa.guidelines.starter",
    "triage": "labelqa.diagnosis.sorting",
    "validate_annotations": "labelqa.validation.validate",
    "write_annotations": "labelqa.io.write",
}

__all__ = [  # types first, then functions, each in order
    "AgreementBy",
    "AgreementComparison",
    "AgreementResult",
    "AgreementStudyPlan",
    "AgreementTable",
    "Annotations",
    "AnnotatorAgreement",
    "AnnotatorQuality",
    "AnnotatorSchools",
    "AssumedRates",
    "Benchmark",
    "BoxAgreement",
    "Calibration",
    "ClassAgreement",
    "ClassAmbiguity",
    "ClassConfusions",
    "CleanedLabels",
    "ConfidenceInterval",
    "ConfusionEvidence",
    "ConsensusResult",
    "CountPatterns",
    "DistanceAgreement",
    "ErrorEstimate",
    "Evidence",
    "Expectation",
    "Finding",
    "Guideline",
    "GuidelineDiff",
    "GuidelineLint",
    "GuidelineVersion",
    "IntraclassCorrelation",
    "ItemDisagreement",
    "LabelCleaning",
    "LabelIssues",
    "LabelSchema",
    "LabelqaError",
    "NextLabels",
    "PlanCheck",
    "PreferenceAgreement",
    "RankingAgreement",
    "ReadLog",
    "Report",
    "ReviewSample",
    "Rule",
    "SequentialState",
    "SequentialTarget",
    "SliceCoverage",
    "SliceDiagnosis",
    "SliceDrift",
    "SliceMetrics",
    "SliceTable",
    "SpanAgreement",
    "StructuredAnnotations",
    "Triage",
    "Validation",
    "WrittenFile",
    "__version__",
    "agreement",
    "agreement_by",
    "agreement_table",
    "annotator_agreement",
    "annotator_quality",
    "annotator_schools",
    "benchmark",
    "box_agreement",
    "build_report",
    "class_agreement",
    "class_ambiguity",
    "class_confusions",
    "clean_labels",
    "compare_agreement",
    "consensus",
    "count_patterns",
    "diagnose_slices",
    "diff_guidelines",
    "disagreement_slices",
    "distance_agreement",
    "draft_prompt",
    "estimate_label_errors",
    "evidence_report",
    "explain_confusion",
    "find_label_issues",
    "find_slices",
    "guideline_markdown",
    "intraclass_correlation",
    "item_disagreement",
    "lint_guideline",
    "next_labels",
    "parse_guideline_markdown",
    "plan_agreement_study",
    "preference_agreement",
    "ranking_agreement",
    "read_annotations",
    "slice_coverage",
    "slice_drift",
    "slice_metrics",
    "span_agreement",
    "starter_guideline",
    "triage",
    "validate_annotations",
    "write_annotations",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'labelqa' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
