"""`make bench`: measures the product against recorded baselines and prints one table; nothing is asserted."""

import itertools
import sys

from bench import answering, bunches, calibration, intake, page_weight, reader, sending


def main() -> int:
    loop = calibration.loop_seconds()
    print(f"Calibration: 10 million additions take {loop:.2f} s of CPU here ({calibration.RECORDED:.2f} s where")
    print("the baseline was recorded); the baseline below is scaled by that.\n")
    print(f"{'#':<3}{'what':<50}{'measured':>16}{'baseline':>16}{'ratio':>9}{'goal':>8}")
    rest = (part.rows() for part in (intake, page_weight, bunches, sending, reader))
    for row in itertools.chain(answering.rows(loop), *rest):
        print(f"{row.number:<3}{row.what:<50}{row.measured:>16}{row.baseline:>16}{row.ratio:>8.1f}x{row.goal:>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
