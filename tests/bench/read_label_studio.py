"""Time and peak memory of reading a Label Studio export, against `orjson.loads` alone on the same file.

Run ``python tests/bench/read_label_studio.py 1000000`` for the file of 1M annotations (about 1 GB); the default is
smaller. Each is measured in a process of its own, one after the other.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ORJSON = "import orjson; raw = open(path, 'rb').read(); go(); orjson.loads(raw)"
CASES = {
    "orjson.loads": ORJSON,
    "orjson.loads, no garbage collection": "import gc; gc.disable(); " + ORJSON,
    "read_annotations": "import labelqa; labelqa.read_annotations; go(); labelqa.read_annotations(path)",
}
TIMED = """
import resource, sys, time
path, start = sys.argv[1], []
def go(): start.append((time.perf_counter(), time.process_time()))
{body}
wall, cpu = time.perf_counter() - start[0][0], time.process_time() - start[0][1]
print(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def write_export(path: Path, n_annotations: int) -> None:
    """Write tasks of two annotations each, with all the fields that Label Studio exports."""
    rng = random.Random(0)
    words = [f"w{i}" for i in range(2000)]
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for task in range(n_annotations // 2):
            text = " ".join(rng.choices(words, k=60))
            annotations = [_annotation(rng, 2 * task + i) for i in range(2)]
            record = {
                "id": task + 1, "annotations": annotations, "file_upload": "upload.json", "drafts": [],
                "predictions": [], "data": {"text": text, "item": f"doc-{task:07d}", "line": rng.choice("AB")},
                "meta": {}, "created_at": "2026-01-01T09:00:00.000000Z", "updated_at": "2026-01-05T09:00:00.000000Z",
                "allow_skip": True, "inner_id": task + 1, "total_annotations": 2, "cancelled_annotations": 0,
                "total_predictions": 0, "comment_count": 0, "unresolved_comment_count": 0,
                "last_comment_updated_at": None, "project": 1, "updated_by": 2, "comment_authors": [],
            }  # fmt: skip
            file.write(("," if task else "") + json.dumps(record))
        file.write("]")


def _annotation(rng: random.Random, number: int) -> dict[str, object]:
    who = 2 * rng.randrange(10) + number % 2
    person = {"id": who, "email": f"p{who}@example.com", "first_name": "A", "last_name": ""}
    value = {"choices": [rng.choice(["scratch", "dent", "none"])]}
    result = {"id": f"r{number}", "type": "choices", "value": value, "origin": "manual", "to_name": "text"}
    return {
        "id": number, "completed_by": person, "result": [{**result, "from_name": "defect"}], "was_cancelled": False,
        "ground_truth": False, "created_at": "2026-01-01T10:00:01.000000Z",
        "updated_at": "2026-01-01T10:00:01.500000Z", "draft_created_at": None, "lead_time": 6.0, "prediction": {},
        "result_count": 1, "unique_id": f"00000000-0000-4000-8000-{number:012d}", "import_id": None,
        "last_action": None, "bulk_created": False, "task": 1, "project": 1, "updated_by": 1,
        "parent_prediction": None, "parent_annotation": None, "last_created_by": None,
    }  # fmt: skip


def measured(body: str, path: Path) -> tuple[float, float, float]:
    """Return seconds, processor seconds and peak bytes of a process that runs `body`."""
    command = [sys.executable, "-c", TIMED.format(body=body), str(path)]
    wall, cpu, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(wall), float(cpu), float(peak)


def main(n_annotations: int) -> None:
    """Print both times, their ratio, and peak memory against the size of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.json"
        write_export(path, n_annotations)
        size = path.stat().st_size
        print(f"{n_annotations:,} annotations, {size / 1e6:,.0f} MB")
        found = {name: measured(body, path) for name, body in CASES.items()}
    for name, (wall, cpu, peak) in found.items():
        print(f"{name:36} {wall:7.2f} s {cpu:7.2f} s cpu, peak {peak / size:.2f} x the file")
    for name in list(found)[:2]:
        ratio = [ours / theirs for ours, theirs in zip(found["read_annotations"], found[name], strict=True)]
        print(
            f"read_annotations takes {ratio[0]:.2f} x the time of {name} (cpu {ratio[1]:.2f} x); at most 2 is the goal"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
