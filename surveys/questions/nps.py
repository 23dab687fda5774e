"""Net promoter score: 0 to 10, promoters from 9, passives 7 and 8 (metric M3)."""

from surveys.questions import Scale

SCALE = Scale(name="nps", low=0, high=10, mid_from=7, high_from=9)
parse = SCALE.parse
