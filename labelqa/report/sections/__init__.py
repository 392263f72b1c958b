"""The sections of a report, one module each: findings in, :class:`labelqa.report.blocks.Section` out."""
