"""Reading ahead: the next batches are prepared while the model works on one."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from tqdm import tqdm  # plain: a notebook's widget would load scripts into the book

AHEAD = 2  # batches that wait for the model; one of 512 px images takes 100 MB
# A terminal shows progress at once; a log after a while, and then seldom.
LOG_PACE = {"delay": 10, "mininterval": 10, "maxinterval": 60}

T = TypeVar("T")


def ahead(
    prepare: Callable[[list[T]], Any], batches: list[list[T]]
) -> Iterator[tuple[list[T], Any]]:
    """Each batch with what is prepared of it, a few of them before they are asked for."""
    waiting = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as pool:
        try:
            for batch in batches:
                waiting.append((batch, pool.submit(prepare, batch)))
                if len(waiting) > AHEAD:
                    first, future = waiting.popleft()
                    yield first, future.result()
            for first, future in waiting:
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def progress_of(things: str, total: int) -> tqdm:
    """A bar that a terminal shows, and a log seldom."""
    pace = {} if sys.stderr.isatty() else LOG_PACE
    return tqdm(total=total, desc=f"embedding {things}", unit=things[:-1], **pace)
