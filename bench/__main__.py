"""`make bench`: measures the product against recorded baselines and prints one table; nothing is asserted."""

import itertools
import sys

from bench import answering, calibration, sending


def main() -> int:
    loop = calibration.loop_seconds()
    print(f"Calibration: 10 million additions take {loop:.2f} s of CPU here ({calibration.RECORDED:.2f} s where")
    print("the baseline was recorded); the baseline below is scaled by that.\n")
    print(f"{'#':<3}{'what':<44}{'measured':>16}{'baseline':>16}{'ratio':>9}{'goal':>8}")
    for row in itertools.chain(answering.rows(loop), sending.rows()):
        print(f"{row.number:<3}{row.what:<44}{row.measured:>16}{row.baseline:>16}{row.ratio:>8.1f}x{row.goal:>8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
