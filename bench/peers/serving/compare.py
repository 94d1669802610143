"""Runs every simulator on every list of requests and prints a Markdown report. Called by `run`."""

import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import lists
from lists import RequestList, Skipped
from measure import Failed, Use, measure
from notes import COLUMNS, NOTES
from simulators import BUILD, KENDALL, Dynamo, InferenceLab, Kendall, Outcome, System

RUNS, BUDGET_S, LIMIT_S = (int(os.environ[name]) for name in ("RUNS", "BUDGET_S", "LIMIT_S"))

MOONCAKE_512 = System("llama-3.1-70b", 8, 8, 512, True)
MOONCAKE_16 = System("llama-3.1-70b", 8, 8, 16, True)
CHAT = System("llama-3.1-70b", 4, 1, 16, False)
AZURE = System("llama-3.1-8b", 1, 4, 16, False)
DECODE = System("llama-3.1-70b", 8, 1, 16, False)


@dataclass(frozen=True)
class Workload:
    """A list, made by a function of lists.py, and the system that serves it."""

    title: str
    rows: Callable
    system: System
    # Dynamo in the variants to run.
    dynamo: tuple = (Dynamo(64),)


WORKLOADS = [
    Workload(
        "Mooncake's conversation trace, 8 instances of Llama 3.1 70B on 8 H100, blocks of 512",
        lists.conversation,
        MOONCAKE_512,
        (Dynamo(512),),
    ),
    Workload(
        "The same with blocks of 16",
        lists.conversation,
        MOONCAKE_16,
        (Dynamo(16), Dynamo(64), Dynamo(64, workers=4, blocks=16_384)),
    ),
    Workload(
        f"The trace {lists.COPIES} times over, each copy later and with prompts of its own, blocks "
        "of 512",
        lists.conversation_copies,
        MOONCAKE_512,
        (Dynamo(512),),
    ),
    Workload(
        "Chat: Poisson arrivals, 5 per second, one instance of Llama 3.1 70B on 4 H100, blocks of "
        "16, no prefix caching",
        lists.chat,
        CHAT,
    ),
    Workload(
        f"The first {lists.AZURE_ROWS:,} requests of Azure's conversation trace, 4 instances of "
        "Llama 3.1 8B on one H100, blocks of 16, no prefix caching",
        lists.azure,
        AZURE,
    ),
    Workload(
        "The chat requests all at t = 0",
        lists.chat_at_once,
        CHAT,
    ),
    Workload(
        f"Decode only: {lists.DECODE_BATCHES} batches of {lists.DECODE_BATCH} requests, one a "
        f"minute, prompts of 1 token, outputs of {lists.DECODE_TOKENS:,}, one instance of Llama "
        "3.1 70B on 8 H100, blocks of 16, no prefix caching",
        lists.decode,
        DECODE,
    ),
]


@dataclass
class Row:
    """The runs of a simulator on a list."""

    uses: list[Use] = field(default_factory=list)
    outcome: Outcome | None = None
    # Why there are no (more) runs.
    failure: str | None = None

    def seconds(self):
        return [use.seconds for use in self.uses]

    def best(self):
        return min(self.seconds())

    def peak(self):
        return max(use.mebibytes for use in self.uses)

    def stopped(self):
        return any(use.stopped for use in self.uses)

    def is_done(self):
        return self.failure or self.stopped() or sum(self.seconds()) >= BUDGET_S

    def run_once(self, simulator, system, requests):
        try:
            text, use = measure(simulator.words(system, requests), BUILD, LIMIT_S)
            self.uses.append(use)
            if not use.stopped:
                self.outcome = checked(simulator.outcome(text, requests), requests)
        except Failed as reason:
            self.failure = str(reason)


def checked(outcome, requests):
    """Whoever does not serve every request has done other work."""
    served = (outcome.finished, outcome.output_tokens)
    if served != (requests.requests, requests.output_tokens):
        raise Failed(f"it finished {outcome.finished:,} requests, {outcome.output_tokens:,} tokens")
    return outcome


def absence(simulator):
    """Why a simulator cannot be run, or None."""
    name = simulator.installed_as
    if not name or (BUILD / f"{name}.ok").exists():
        return None
    log = (BUILD / f"{name}.log").read_text().strip().splitlines()
    return f"not installed: {log[-1] if log else 'no reason given'}"


def measured(workload, requests):
    """A row per simulator, runs taken in turn, so that all meet the same state of the machine."""
    simulators = [Kendall(), InferenceLab(), *workload.dynamo]
    rows = [(simulator, Row(failure=absence(simulator))) for simulator in simulators]
    for turn in range(RUNS):
        for simulator, row in rows:
            if not row.is_done():
                print(f"{requests.path.stem}: {simulator.name}, run {turn + 1}", file=sys.stderr)
                row.run_once(simulator, workload.system, requests)
    return rows


def cells(simulator, row, ours):
    """One line of a table. Of a run that was stopped only lower bounds are known."""
    line = [simulator.name, str(len(row.uses))]
    if row.stopped():
        more = "> "
        line += [f"stopped at {row.best():.0f}", ""]
    else:
        more = ""
        line += [f"{row.best():.2f}", f"{statistics.median(row.seconds()):.2f}"]
    line.append(f"{more}{row.peak():,.1f}")
    if ours.outcome:
        ratios = (row.best() / ours.best(), row.peak() / ours.peak())
        line += [f"{more}{ratio:.1f}" for ratio in ratios]
    else:
        line += ["", ""]
    if said := row.outcome:
        line.append(f"{said.steps:,}" if said.steps else "")
        line += [f"{said.mean_ttft:,.4f}", f"{said.mean_e2e:,.4f}", f"{100 * said.hit_rate:.2f} %"]
    else:
        line += [""] * 4
    return line


def section(workload):
    print(f"## {workload.title}\n")
    try:
        requests = RequestList(workload.rows)
    except Skipped as reason:
        print(f"Skipped: {reason}.\n")
        return
    print(
        f"{requests.requests:,} requests, {requests.prompt_tokens:,} prompt and "
        f"{requests.output_tokens:,} output tokens; SHA-256 {requests.digest[:16]}\n"
    )
    rows = measured(workload, requests)
    ours = rows[0][1]
    for line in (COLUMNS, ["---"] * len(COLUMNS)):
        print(f"| {' | '.join(line)} |")
    for simulator, row in rows:
        if row.uses and not row.failure:
            print(f"| {' | '.join(cells(simulator, row, ours))} |")
    absent = [(simulator.name, row.failure) for simulator, row in rows if row.failure]
    print("".join(f"\n- {name} is absent: {failure}" for name, failure in absent))
    if absent:
        print()


def version(words):
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def locked(package):
    """The version of a crate that our program for inference-lab is built with."""
    lock = Path("inference-lab/Cargo.lock").read_text()
    return re.search(rf'name = "{package}"\nversion = "([^"]+)"', lock)[1]


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor()


def loads():
    return f"{os.getloadavg()[0]:.1f}"


def main():
    packages = ", ".join(Path("requirements.txt").read_text().split())
    print(f"# LLM serving in other simulators: {time.strftime('%Y-%m-%d')}\n")
    print(f"- Machine: {processor()}, {platform.system()}; load average {loads()} at the start")
    print(f"- Kendall: {version([KENDALL, '--version']) or 'absent'}")
    print(f"- Peers: inference-lab {locked('inference-lab')}; {packages} on Python "
          f"{platform.python_version()}")
    print(f"- Compiler: {version(['rustc', '--version'])}")
    print("- Command: `bench/peers/run serving`\n")
    print(
        "Times are processor times of whole processes, user and system, reading the list\n"
        "included; peak memory is the largest resident size; both as the kernel counts them.\n"
        f"Everybody had up to {RUNS} runs per list, in turn, none after {BUDGET_S} s altogether.\n"
        f"A run is stopped at about {LIMIT_S} s; what it took until then is a lower bound.\n"
        "Ratios are those of the best times and of the peaks. A load average above the number of\n"
        "cores means that others used the machine too, which makes processor times longer.\n"
    )
    chosen = os.environ.get("LISTS", "").split()
    for workload in WORKLOADS:
        if not chosen or workload.rows.__name__ in chosen:
            section(workload)
    print(NOTES, end="")
    print(f"\nLoad average at the end: {loads()}.")


main()
