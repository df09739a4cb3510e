"""Coverage 覆盖: how many draws until everyone has been visited, with and without seats set aside for the unvisited.

`uncovered`, `chance_all` and `certain_draws` by formula; `draws_for_share`, `draws_for_all` and `smallest_n` what it takes;
`simulate` plays the same draws with a stated seed and shows its error. A draw that gives every unit a chance is fair each
time, and still leaves some unvisited for many years: this package says how many.
"""

from sampling.coverage.exact import Value, certain_draws, chance_all, uncovered
from sampling.coverage.needed import draws_for_all, draws_for_share, smallest_n
from sampling.coverage.simulation import Simulation, Step, simulate
from sampling.coverage.terms import Group, Quota

__all__ = [
    "Group", "Quota", "Simulation", "Step", "Value", "certain_draws", "chance_all", "draws_for_all", "draws_for_share", "simulate", "smallest_n", "uncovered",
]
