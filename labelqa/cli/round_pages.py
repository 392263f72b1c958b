"""What `labelqa round prove` shows."""

from __future__ import annotations

from labelqa.report.blocks import Block, Notice, Points, Section
from labelqa.report.single import Shown, Told, remarks
from labelqa.review.proving.result import RoundProof
from labelqa.review.proving.wording import (
    class_lines,
    credit_line,
    learning_line,
    no_class_line,
    pair_line,
    rests_line,
    stratum_line,
    target_line,
)


def proof_shown(proof: RoundProof) -> Shown:
    """Return a proof in words, for pages."""
    where = tuple(stratum_line(row) for row in proof.strata.to_dict("records"))
    classes = class_lines(proof.classes, proof.rules)
    classes += [pair_line(row) for row in proof.new_pairs.to_dict("records")]
    level = f"{proof.confidence:.0%}"
    blocks: list[Block] = []
    if len(proof.rules):
        title = f"Changed rules ({level} intervals of the change)"
        blocks.append(Points(title=title, items=tuple(proof.rules["words"])))
    blocks.append(Points(title="Where it was measured", items=where))
    blocks.append(Points(title="Classes", items=tuple(classes) or (no_class_line(proof.classes),)))
    blocks.append(Points(title="Learning", items=(learning_line(proof.learning),)))
    if proof.target is not None or proof.no_target_because is not None:
        blocks.append(Points(title="Target", items=(target_line(proof.target, proof.no_target_because, proof.level),)))
    notices: tuple[Notice, ...] = remarks(proof.cautions)
    blocks.append(Points(title="What next?", items=(proof.next_step,)))
    lead = (
        rests_line(proof.rests_on)
        if proof.credit == "none"
        else f"{rests_line(proof.rests_on)} {credit_line(proof.credit)}"
    )
    headline = Told(statement=proof.statement, next_steps=(proof.next_step,))
    section = Section(key="proof", title="Did it help?", lead=lead, blocks=(*notices, *blocks))
    return Shown(title="Proof of a revised instruction", headline=headline, section=section)


def missed(proof: RoundProof, requirement: str) -> str:
    """Return why a proof does not meet a requirement; empty if it does."""
    verdict = proof.verdict.replace("_", " ")
    met = {
        "improved": proof.verdict == "improved",
        "by-rules": proof.credit == "rules",
        "not-worse": proof.verdict not in ("worse", "undefined"),
        "no-regression": not proof.regressions and proof.verdict not in ("worse", "undefined"),
        "target": proof.target_reached is True,
    }
    if met[requirement]:
        return ""
    why = {
        "improved": f"the verdict is: {verdict}",
        "by-rules": f"the verdict is: {verdict}, credited to: {proof.credit}",
        "not-worse": f"the verdict is: {verdict}",
        "no-regression": f"the verdict is: {verdict}, worse classes: {', '.join(proof.regressions) or 'none'}",
        "target": proof.no_target_because or "agreement was not shown to be above the target",
    }
    return f"{requirement} is required and {why[requirement]}"
