"""Agreement of answers that are sets, spans, boxes, rankings, preferences, texts or numbers."""
