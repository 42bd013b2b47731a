"""Changes a tree at random for a while: writes, saves by rename, makes, moves, removes."""

import os
import random
import shutil
import sys
import time
from pathlib import Path


def stir(root: Path, rng: random.Random, number: int) -> None:
    directories = [root / f"s{rng.randrange(12)}" for _ in range(3)]
    one = directories[0] / f"t{rng.randrange(4)}" / f"u{rng.randrange(3)}"
    file = one / f"f{rng.randrange(20)}"
    choice = rng.random()
    if choice < 0.5:
        one.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{number}")
    elif choice < 0.75:
        one.mkdir(parents=True, exist_ok=True)
        (one / "tmp").write_text(f"renamed {number}")
        (one / "tmp").rename(file)
    elif choice < 0.85:
        file.unlink(missing_ok=True)
    elif choice < 0.9:
        shutil.rmtree(one.parent, ignore_errors=True)
    elif choice < 0.95:
        os.rename(directories[0], directories[1] / f"t{rng.randrange(4)}")
    else:
        os.rename(one, directories[2])


def main() -> None:
    root, seed, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    rng = random.Random(seed)
    until_s = time.monotonic() + seconds
    number = 0
    while time.monotonic() < until_s:
        number += 1
        try:
            stir(root, rng, number)
        except OSError:
            pass
    print(number)


main()
