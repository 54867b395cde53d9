"""The work of docs/performance.md, as functions from a running product and floor to figures."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from typing import Any

from bench import bulk
from bench.floor_driver import Floor
from bench.measure import Meter, Rounds, at_once, percentile
from bench.product import SHAPE, Product

STARTS = 60
FLOOR_STARTS = 150
FLOOR_PROJECTS = 6
API_PROJECTS = 4
PAGE_PROJECTS = 2
SIBLINGS = 10


def warm(product: Product, floor: Floor) -> None:
    """Maps read, pools open, every worker has answered."""
    callers, client = product.callers(), floor.client()
    for _ in range(8):
        floor.complete(client, floor.open_tasks(client, floor.start(client))[0])
    drive(product, callers, [product.start(callers) for _ in range(3)], steps=2)


def one_round(product: Product, floor: Floor, rounds: Rounds) -> None:
    """Start and complete, floor and product in turn, so that both meet the same weather."""
    client, callers = floor.client(), product.callers()
    with Meter(floor.cpu) as meter:
        ids = [meter.call(floor.start, client) for _ in range(FLOOR_STARTS)]
    rounds.add_meter("floor start", meter)
    with Meter(product.cpu) as meter:
        started = [meter.call(product.start, callers) for _ in range(STARTS)]
    rounds.add_meter("start", meter)
    rounds.add_meter("floor complete", complete_on_floor(floor, client, ids[:FLOOR_PROJECTS]))
    rounds.add_meter("complete api", drive(product, callers, started[:API_PROJECTS]))
    rounds.add_meter("complete page", drive(product, callers, started[-PAGE_PROJECTS:], pages=True))


def complete_on_floor(floor: Floor, client: Any, ids: list[int]) -> Meter:
    """All steps of some of the floor's projects, one after the other."""
    meter = Meter(floor.cpu)
    for _ in range(36):
        tasks = [task for number in ids for task in floor.open_tasks(client, number)]
        with meter:
            for task in tasks:
                meter.call(floor.complete, client, task)
    return meter


def drive(product: Product, callers: Mapping[str, Any], ids: list[int], *, steps: int = len(SHAPE), pages: bool = False,
          watch: Any = None) -> Meter:  # fmt: skip
    """Takes projects through the map; only completions are metered. With `pages` by form posts. `watch(id)` between."""
    meter, files = Meter(product.cpu), {number: product.evidence(number) for number in ids}
    browsers = product.browsers() if pages else {}
    for expected in SHAPE[:steps]:
        asked = [(number, item) for number in ids for item in product.open_items(callers, number)]
        assert len(asked) == expected * len(ids), f"{len(asked)} open, not {expected * len(ids)}"
        answered = [(item, product.answers(item, files[number])) for number, item in asked]
        tokens = [product.open_page(browsers, item) if pages else "" for item, _ in answered]
        with meter:
            for (item, answers), token in zip(answered, tokens, strict=True):
                if pages:
                    meter.call(product.post_page, browsers, item, token, answers)
                else:
                    meter.call(product.complete, callers, item, answers)
        for number in ids if watch else ():
            watch(number)
    return meter


def five_at_once(product: Product) -> tuple[float, int, int]:
    """(p95 ms of each officer's wait, refusals, projects that did not go on to exactly one next item)."""
    callers, walls, refused, wrong = product.callers(), [], 0, 0
    for _ in range(SIBLINGS):
        number = product.start(callers)
        drive(product, callers, [number], steps=1)
        items = product.open_items(callers, number)
        each = [product.callers() for _ in items]
        for caller, item in zip(each, items, strict=True):  # connections are open before the gate
            caller[item["organ_zh"]].json("GET", "/api/v1/forms/stage_plan")
        acts = [
            lambda caller=caller, item=item: product.complete(caller, item, product.answers(item, 0))
            for caller, item in zip(each, items, strict=True)
        ]
        took, results = at_once(acts)
        walls += took
        refused += sum(isinstance(result, Exception) for result in results)
        wrong += len(product.open_items(callers, number)) != 1
    return percentile(walls, 95) * 1e3, refused, wrong


def state_sizes(product: Product) -> tuple[float, int]:
    """(median, maximum) bytes of the state over the life of a project with five departments in each stage."""
    callers, sizes = product.callers(), []
    number = product.start(callers)
    drive(product, callers, [number], watch=lambda each: sizes.append(bulk.state_bytes(product, each)))
    return median(sizes), max(sizes)


def row_bytes(product: Product, count: int = 200) -> tuple[float, float]:
    """Bytes the database grows by per project: waiting at its first item, and with five departments asked."""
    callers = product.callers()
    before = bulk.database_bytes(product)
    ids = [product.start(callers) for _ in range(count)]
    started = bulk.database_bytes(product)
    for number in ids:
        [item] = product.open_items(callers, number)
        product.complete(callers, item, product.answers(item, 0))
    asked = bulk.database_bytes(product)
    return (started - before) / count, (asked - before) / count


def inbox(product: Product, floor: Floor, rounds: Rounds, name: str, requests: int = 25) -> int:
    """The inbox page of the officer who holds every open item, and the floor's list; returns the page's bytes."""
    browser, client = product.browsers()[product.owner.organ], floor.client()
    size = len(browser.page("/tasks"))
    for _ in range(3):
        with Meter(product.cpu) as meter:
            for _ in range(requests):
                meter.call(browser.page, "/tasks")
        rounds.add_meter(name, meter)
        with Meter(floor.cpu) as meter:
            for _ in range(requests):
                meter.call(client.json, "GET", "/my-tasks")
        rounds.add_meter(f"floor {name}", meter)
    return size


def sweep_ms(product: Product) -> tuple[dict[str, int], float]:
    """What one sweep did, and the milliseconds it took."""
    from jobs.sweep import sweep

    began = time.perf_counter()
    counts = sweep(product.house, product.house.now()).counts
    return counts, (time.perf_counter() - began) * 1e3


@contextmanager
def settled(product: Product) -> Iterator[None]:
    """Everything that is due has been done before, so that a sweep finds nothing but what is set up within."""
    while sweep_ms(product)[0]:
        pass
    yield


def notice_seconds(product: Product, count: int = 12) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of a one-page notice, warm, in the renderer's own process."""
    from datetime import date

    from bench.measure import family_seconds
    from notices.letters import Point, RectificationNotice

    def letter(number: int) -> RectificationNotice:
        return RectificationNotice(
            issuer="天津市合作交流办公室", to_name="滨海新区人民政府", date=date(2026, 11, 24), project_name="量测新能源电池项目",
            number=f"津合督〔2026〕{number}号", verify_url=f"http://127.0.0.1/verify/{number}",
            points=(Point(fact="未按计划开工。", basis="第十条", demand="限期开工。"),), due_on=date(2026, 12, 24),
        )  # fmt: skip

    import os

    for number in (1, 2):
        product.house.renderer.render(letter(number))
    began, cpu = time.perf_counter(), family_seconds(os.getpid())
    for number in range(count):
        product.house.renderer.render(letter(number))
    return (family_seconds(os.getpid()) - cpu) / count, (time.perf_counter() - began) / count
