"""One error for the whole package."""

from __future__ import annotations


class ReportError(ValueError):
    """文书无法生成: the content or the surroundings do not allow an honest document.

    Parameters
    ----------
    code : stable kebab-case word, the same style as the errors of the application.
    message : Chinese sentence that says what happened, why it matters and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
