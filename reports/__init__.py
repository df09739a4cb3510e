"""文书与通告: frozen content in, bytes out. Same content, same bytes. No database, no clock, no network.

`content` holds the frozen dataclass of every document and its canonical JSON; `documents.render` prints any of them.
`fonts`, `text`, `grid`, `measures`, `press`, `layout`, `forms`, `charts`, `qr` and `pdf` are the printing shop; `wording`
and `conclusions` say how numbers are put into words and which words are refused; `tables` writes the same rows as CSV and
XLSX; `verify` checks a paper against the content inside it (``python -m reports verify FILE.pdf``).
"""
