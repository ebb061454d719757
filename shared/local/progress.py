"""What a person at the terminal sees while something slow happens for the first time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

CONSOLE = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """One plain line."""
    CONSOLE.print(line, markup=False)


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Progress in bytes: a bar at a terminal, one line elsewhere."""
    if not CONSOLE.is_terminal:
        say(f"{title}: {total / 1_000_000:.0f} MB")
        yield lambda done: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=CONSOLE) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)
