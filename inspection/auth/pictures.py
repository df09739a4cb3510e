"""A QR symbol for the screen."""

from __future__ import annotations

from markupsafe import Markup

from reports import qr


def qr_svg(payload: str) -> Markup:
    """The symbol as inline SVG, four modules of quiet zone around it."""
    size, dark = qr.runs(payload)
    path = "".join(f"M{column + 4},{row + 4}h{length}v1h-{length}z" for row, column, length in dark)
    side = size + 8
    return Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" width="200" height="200" role="img" aria-label="QR">'
                  '<rect width="{0}" height="{0}" fill="#fff"/><path d="{1}" fill="#000"/></svg>').format(side, path)
