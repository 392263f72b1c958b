"""Read a file of labels, and say how far its annotators agree and how sure that is."""

from pathlib import Path

import labelqa as lq

HERE = Path(__file__).resolve().parent

# 1. Read. The layout is found by content: this file is wide, one row a patient and one column a rater.
#    The data are Fleiss's psychiatric diagnoses of 1971.
annotations = lq.read_annotations(HERE / "fleiss_1971.csv")
print(annotations)
print(annotations.read_log)

# 2. One coefficient. The result knows its estimate and what its uncertainty needs.
kappa = lq.agreement(annotations, "fleiss_kappa")
print(kappa)
print(f"Fleiss printed .430 in 1971; here it is {kappa.estimate:.3f}")

# 3. Three ways to an interval. They agree closely; with few items prefer the widest.
for method in ("analytic", "jackknife", "bootstrap"):
    interval = kappa.confidence_interval(method=method)
    print(f"{method:>10}: {interval.low:.3f} to {interval.high:.3f}")

# 4. What the number means, as a probability and not only as a word.
print(kappa.benchmark())

# 5. All coefficients side by side: where they differ much, ask why (rare classes, unequal annotators).
print(lq.agreement_table(annotations).to_frame()[["coefficient", "estimate", "low", "high"]].round(3).to_string())

# 6. Which diagnosis is the hard one?
print(lq.class_agreement(annotations).to_frame().round(3).to_string())
