"""A small shop: source files, captured logs and the events of a session over them."""

import os
from dataclasses import replace
from pathlib import Path

from hazui.domain.links import Diagnosis
from hazui.domain.records import ExitStatus
from hazui.errors.stream import CapturedStream
from hazui.protocol import events
from hazui.protocol.events import Event, Stamped
from hazui.protocol.values import Phase
from hazui.spool.writer import RunSpool
from tests.support import scenes

CART = """\
from shop.prices import PRICES


def total(order):
    \"\"\"The sum of an order.\"\"\"
    amount = 0
    for item in order:
        amount += item["price"] * item["count"]
    return amount
"""
CHECKOUT = """\
def price(order):
    try:
        return total(order)
    except KeyError as error:
        raise CheckoutError(f"order {order.number} cannot be priced") from error
"""
STDERR = """\
Traceback (most recent call last):
  File "src/cart.py", line 8, in total
    amount += item["price"] * item["count"]
KeyError: 'price'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "src/checkout.py", line 5, in price
    raise CheckoutError(f"order {order.number} cannot be priced") from error
shop.checkout.CheckoutError: order 7 cannot be priced
"""
_FILES = ("cart", "login", "orders", "prices", "search", "users")
STDOUT = "".join(
    (
        "\x1b[1mcollected 41 items\x1b[0m\n\n",
        "tests/test_basket.py \x1b[32m........\x1b[0m  [ 19%]\n",
        *(
            f"tests/test_{name}.py \x1b[32m......\x1b[0m  [ {20 + 6 * number}%]\n"
            for number, name in enumerate(_FILES)
        ),
        "tests/test_checkout.py \x1b[31m..F\x1b[0m  [100%]\n",
        "\x1b[31m1 failed, 40 passed in 1.18s\x1b[0m\n",
    )
)
TASKS = (
    "api:lint",
    "api:test",
    "db:up",
    "e2e:all",
    "lib:gen",
    "shop:deploy",
    "web:build",
    "web:dev",
)


def make_shop(root: Path) -> Path:
    """Write the sources and the logs; returns the state directory."""
    (root / "src").mkdir(parents=True, exist_ok=True)
    (root / "src/cart.py").write_text(CART)
    (root / "src/checkout.py").write_text(CHECKOUT)
    state_dir = root / ".hazui"
    write_log(state_dir, "run-api-test-1", STDOUT, STDERR)
    write_log(
        state_dir,
        "run-web-dev-1",
        "  vite v7.1  ready in 212 ms\n\n  Local: http://localhost:5173/\n",
    )
    write_log(state_dir, "run-api-lint-1", "All checks passed!\n")
    return state_dir


def write_log(state_dir: Path, run: str, stdout: str, stderr: str = "") -> None:
    directory = state_dir / "runs" / run
    os.makedirs(directory.parent, exist_ok=True)
    spool = RunSpool(directory, "sha256")
    base = int(scenes.START_S * 1e9)
    for number, line in enumerate(stdout.splitlines(keepends=True)):
        spool.append(CapturedStream.STDOUT, line.encode(), base + number * 10_000_000)
    if stderr:
        spool.append(CapturedStream.STDERR, stderr.encode(), base + 900_000_000)
    spool.flush()
    spool.abandon()


def story(root: str = "/shop") -> list[Event | float]:
    """A start with a failure, a service, a hit, an own error, and tasks that wait."""
    loaded = events.WorkspaceLoaded(
        revision="r1",
        tasks=(
            scenes.loaded("api:lint", usual_s=0.4),
            scenes.loaded("api:test", usual_s=1.4, deps=("lib:gen",), tags=("ci",)),
            scenes.loaded("db:up", kind="service"),
            scenes.loaded("e2e:all", deps=("api:test", "web:dev")),
            scenes.loaded("lib:gen", outputs=("lib/gen/**",)),
            scenes.loaded("shop:deploy", deps=("e2e:all",), watch=False),
            scenes.loaded("web:build", usual_s=14.0),
            scenes.loaded("web:dev", kind="service", deps=("web:build",)),
        ),
    )
    return [
        events.SessionOpened(
            session="s-1", epoch=7, root=root, durable=True, name="shop", state_dir=f"{root}/.hazui"
        ),
        loaded,
        events.WatchReady(files=1204, backend="native"),
        scenes.turn(1, TASKS, path="src/cart.py"),
        *scenes.hit("lib:gen"),
        *scenes.started("db:up", pid=4100),
        events.ServiceBecameReady(
            task="db:up", turn=1, after_s=0.2, probe="tcp 5432", pid=4100, adopted=False
        ),
        scenes.waits("shop:deploy", "e2e:all"),
        scenes.waits("e2e:all", "api:test"),
        *scenes.started("api:lint", pid=4101),
        *scenes.started("api:test", pid=4102),
        *scenes.started("web:dev", pid=4104),
        events.OutputAppended(task="api:lint", turn=1, stream="stdout", bytes_total=19),
        events.OutputAppended(task="web:dev", turn=1, stream="stdout", bytes_total=60),
        events.OutputAppended(task="api:test", turn=1, stream="stdout", bytes_total=400),
        events.OutputAppended(task="api:test", turn=1, stream="stderr", bytes_total=len(STDERR)),
        0.4,
        scenes.finished("api:lint", duration_s=0.4),
        events.ProcessSampled(
            task="db:up", turn=1, pids=(4100, 4110, 4111), cpu_percent=2.0, rss_bytes=91 << 20
        ),
        events.ProcessSampled(
            task="web:dev", turn=1, pids=(4104, 4120), cpu_percent=41.0, rss_bytes=312 << 20
        ),
        0.8,
        events.ProcessExited(
            task="api:test",
            turn=1,
            pid=4102,
            exit_status=ExitStatus(code=1),
            max_rss_bytes=80 << 20,
            cpu_s=1.1,
        ),
        scenes.finished("api:test", code=1, duration_s=1.2, diagnosis=chain()),
        scenes.skipped("e2e:all", "api:test"),
        scenes.skipped("shop:deploy", "api:test"),
        events.TaskErrored(
            task="web:build",
            turn=1,
            phase=Phase.STORE,
            error=scenes.no_space(),
            run=None,
            exit_status=ExitStatus(code=0),
        ),
    ]


def chain() -> Diagnosis:
    """The diagnosis of ``STDERR``, with the bytes that it was read from."""
    outer, root = scenes.CART_CHAIN.chain
    start = STDERR.index("shop.checkout")
    return replace(
        scenes.CART_CHAIN,
        chain=(
            replace(outer, line=5, byte_start=start, byte_end=len(STDERR)),
            replace(root, byte_start=0, byte_end=STDERR.index("\n\n")),
        ),
    )


def stamped_story(root: str = "/shop") -> list[Stamped]:
    return scenes.stamped(story(root))
