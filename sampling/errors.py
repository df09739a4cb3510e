"""One error for the whole package."""


class SamplingError(ValueError):
    """Input that no honest number can be computed from; the message names the offending values and what is allowed."""
