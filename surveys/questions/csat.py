"""Customer satisfaction on five named steps; 4 and 5 are "satisfied" (metric M1)."""

from surveys.questions import Scale

SCALE = Scale(name="csat_5", low=1, high=5, mid_from=3, high_from=4)
parse = SCALE.parse
