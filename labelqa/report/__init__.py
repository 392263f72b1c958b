"""One computed report, four views: text, HTML, Markdown, JSON."""
