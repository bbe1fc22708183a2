"""Constants and conversions, each with its exact definition.

A FLOP is one addition or one multiplication, so a multiply-add is two FLOP; ``flop`` names an
amount and ``flop_per_second`` a rate.
"""

SECONDS_PER_DAY = 86_400
#: FLOP/s of one TFLOP/s and of one PFLOP/s.
TERA, PETA = 1e12, 1e15
#: FLOP of one pfs-day: 1e15 FLOP/s for 86,400 seconds.
PFS_DAY = PETA * SECONDS_PER_DAY
#: The mean Julian year, in which growth a year is given.
DAYS_PER_YEAR = 365.25
