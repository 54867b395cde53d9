"""python -m bench.papers: what papers cost the processor, warm; nothing but the press is running."""

import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.measure import family_seconds
from notices.letters import Letter
from notices.pool import RenderPool
from notices.seals import load_seals
from notices.signing import sign_paper
from notices.trial_authority import make_trial_seals

NOTICES = 1000
SHARE = 300
REPORTS = 5
SIGNATURES = 20


def main() -> None:
    """Print one figure a line."""
    alone, together = pooled_seconds(1, SHARE), pooled_seconds(2, SHARE)
    print(
        f"one-page notice with place of seal and QR code: {alone[0]:.3f} CPU s, {60 / alone[0]:.0f} a minute per core"
    )
    print(f"two workers: {together[0]:.3f} CPU s, {together[0] / alone[0]:.2f} x one worker")
    for level, cost in signing_seconds():
        print(f"signing of that notice, {level}: {cost:.3f} CPU s")
    pages, seconds = report_seconds()
    print(f"report of {pages} pages with tables and charts: {seconds:.2f} CPU s")
    first, last = memory_mb(NOTICES)
    print(f"memory of the worker after 100 and after {NOTICES} notices: {first} and {last} MB")


def signing_seconds() -> Iterable[tuple[str, float]]:
    """PAdES level and CPU seconds of one signature, apart from the printing: without and with time stamps."""
    pool, at = RenderPool(1), datetime(2026, 11, 24, 9, tzinfo=UTC)
    printed = pool.print_letter(replace(next(iter(notices(1))), seal_drawn=False))
    pool.close()
    with TemporaryDirectory() as folder:
        seals = load_seals(make_trial_seals(Path(folder), {"hzjl": "天津市人民政府合作交流办公室"}, at))
        long_term = seals.of("hzjl")
        assert long_term is not None
        basic = replace(long_term, authority=replace(long_term.authority, local_clock=None))
        for seal in (basic, long_term):
            level = sign_paper(printed, [seal], reason="签发", at=at).level
            began = time.process_time()
            for _ in range(SIGNATURES):
                sign_paper(printed, [seal], reason="签发", at=at)
            yield level, (time.process_time() - began) / SIGNATURES


def notices(count: int) -> Iterable[Letter]:
    """One-page reminders, each with a number and a code of its own, as the demonstration prints them."""
    from tests.notices.papers import reminder

    for number in range(1, count + 1):
        yield reminder(
            demo=True, number=f"津督提〔2026〕{number}号", verify_url=f"https://duban.example/verify/{number:016d}"
        )


def pooled_seconds(workers: int, count: int) -> tuple[float, float]:
    """(CPU seconds, wall seconds) per notice in a pool of so many workers."""
    pool = RenderPool(workers)
    try:
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(pool.render, notices(4 * workers)))
            cpu, wall = family_seconds(os.getpid()), time.perf_counter()
            list(threads.map(pool.render, notices(count)))
            return (family_seconds(os.getpid()) - cpu) / count, (time.perf_counter() - wall) / count
    finally:
        pool.close()


def report_seconds() -> tuple[int, float]:
    """(pages, CPU seconds) of the sample report, set as a worker sets it: warm and collecting rarely."""
    import pypdfium2

    from notices.worker import warm_press

    warm_press()
    from notices.press import print_page
    from tests.notices import bulletin

    letter, taken, made = bulletin.sample_report(), [], b""
    for number in range(REPORTS):
        before = time.process_time()
        made = print_page(bulletin.page(replace(letter, number=f"津合通〔2026〕{number}号"))).pdf
        taken.append(time.process_time() - before)
    return len(pypdfium2.PdfDocument(made)), median(taken[1:])


def memory_mb(count: int) -> tuple[int, int]:
    """Resident megabytes of the worker after a hundred notices and after all; a pool replaces it every five hundred."""
    pool, seen = RenderPool(1), []
    try:
        for number, letter in enumerate(notices(count), start=1):
            pool.render(letter)
            if number in (100, count):
                seen.append(_resident(pool.pids[0]))
    finally:
        pool.close()
    return seen[0], seen[-1]


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main()
