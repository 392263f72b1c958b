"""Write the whole report of a labels file as one HTML page that needs no internet.

python examples/02_report.py [LABELS] [REPORT]
"""

import sys
from pathlib import Path

import labelqa as lq

TICKETS = Path(__file__).resolve().parents[1] / "labelqa" / "_demo" / "support_tickets.csv"

labels = Path(sys.argv[1]) if len(sys.argv) > 1 else TICKETS
target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("support-tickets-report.html")

# The report measures every round on its own and takes the latest as its headline.
report = lq.build_report(lq.read_annotations(labels))
report.save(target)  # .html, .md, .json or .txt: the ending decides
print(f"wrote {target}")

# The same report as text, here only its first lines.
print("\n".join(report.to_text().splitlines()[:20]))
