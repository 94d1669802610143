"""Runs every simulator on every model and prints a Markdown report. Called by `run`."""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from math import factorial
from pathlib import Path

BUILD = Path("build")
KENDALL = os.environ["KENDALL"]
PYTHON = str(BUILD / "venv/bin/python")
SEEDS = [1, 2, 3]

# Customers of a run of M/M/1 or M/M/8, and of the Jackson network: some seconds for each simulator.
# jackson.toml, which Kendall runs, names its own number per replication; together they must be the
# one given here.
CUSTOMERS = {
    "Kendall": (100_000_000, 30_000_000),
    "BinaryHeap loop": (50_000_000, 20_000_000),
    "ODEM-rs": (20_000_000, 10_000_000),
    "NeXosim": (5_000_000, 2_500_000),
    "SimPy": (500_000, 250_000),
    "Ciw": (200_000, 100_000),
}

# What `run` calls the installation of each.
INSTALLED_AS = {
    "BinaryHeap loop": "heap",
    "ODEM-rs": "odem",
    "NeXosim": "nexosim",
    "SimPy": "python",
    "Ciw": "python",
}

MODELS = {
    "mm1": "M/M/1, arrival rate 0.8, service rate 1",
    "mm8": "M/M/8, arrival rate 6.4, service rate 1",
    "jackson": "Jackson network of three single servers, service rates 1: arrivals to node 1 at rate "
    "0.5, from there to 2 or 3 with probability 0.5 each, from these back to 1 with "
    "probability 0.2, else out",
}

NOTES = """\
What differs in the modelling:

- All simulate the same number of events per customer on average, counted as arrivals and ends of
  service, whatever a simulator needs inside. All start empty and let a number of customers arrive
  and leave again (Ciw: until as many have left, others staying behind), and record nothing but what
  the mean sojourn needs. Kendall also estimates the other figures of its table and their errors,
  from four replications on as many threads as there are cores, after a warm-up.
- Kendall and the BinaryHeap loop keep time in whole nanoseconds, NeXosim too (a service takes at
  least one there); ODEM-rs, SimPy and Ciw in doubles.
- Kendall takes its network from the command line or from jackson.toml and checks it, and so does
  Ciw with its own form; the others are programs written for these three models, which the compiler
  sees as a whole.
- BinaryHeap loop: Rust's `BinaryHeap`, a queue per station, `Exp1` and `Pcg64`; neither a simulator
  nor general.
- ODEM-rs: an agent per server that sleeps while its queue is empty, as in its own M/M/1 example;
  `tracing` and `uom` off. `Exp1` and `Pcg64`.
- NeXosim: a model per station, linked by ports, on one thread; customers arrive by events that the
  first station schedules for itself. `Exp1` and `Pcg64`.
- SimPy: a process per customer, a `Resource` per station.
- Ciw: its network description. It has no switch for its records, so a node class replaces them by a
  sum; individuals that have left stay in memory.
- The Rust programs are built with `opt-level = 3`, `lto = "fat"`, one codegen unit.
"""


def mean_sojourn(model):
    """What theory says: Erlang's C formula; a product of M/M/1 queues and Little's law."""
    if model == "jackson":
        to_first = 0.5 / (1 - 0.2)
        loads = [to_first, to_first / 2, to_first / 2]
        return sum(load / (1 - load) for load in loads) / 0.5
    servers, rate = {"mm1": (1, 0.8), "mm8": (8, 6.4)}[model]
    last = rate**servers / factorial(servers) / (1 - rate / servers)
    waits = last / (sum(rate**k / factorial(k) for k in range(servers)) + last)
    return waits / (servers - rate) + 1


def command(simulator, model, customers, seed):
    if simulator == "Kendall":
        options = ["--seed", str(seed), "--json"]
        if model == "jackson":
            return [KENDALL, "run", "jackson.toml", *options]
        name, rate = {"mm1": ("M/M/1", "0.8"), "mm8": ("M/M/8", "6.4")}[model]
        rates = ["--arrival-rate", rate, "--service-rate", "1"]
        return [KENDALL, "queue", name, *rates, "--customers", str(customers), *options]
    program = {
        "BinaryHeap loop": [str(BUILD / "target/release/peer-heap")],
        "ODEM-rs": [str(BUILD / "target/release/peer-odem")],
        "NeXosim": [str(BUILD / "target/release/peer-nexosim")],
        "SimPy": [PYTHON, "simpy_models.py"],
        "Ciw": [PYTHON, "ciw_models.py"],
    }[simulator]
    return [*program, model, str(customers), str(seed)]


class Failed(Exception):
    """Why there are no numbers."""


def peak_memory(pid):
    """Largest resident size so far in MiB, 0 if the process is gone. What `wait4` reports would
    count the process that it was forked from."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def measure(words):
    """Standard output, processor time (user and system) in s, and peak memory in MiB."""
    out, err = BUILD / "stdout", BUILD / "stderr"
    with out.open("w") as stdout, err.open("w") as stderr:
        try:
            process = subprocess.Popen(words, stdout=stdout, stderr=stderr)
        except OSError as error:
            raise Failed(f"`{words[0]}`: {error.strerror}") from error
        peak, pid = 0.0, 0
        while pid == 0:
            peak = max(peak, peak_memory(process.pid))
            time.sleep(0.02)
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        complaint = err.read_text().strip().splitlines()
        reason = complaint[0] if complaint else f"exit code {process.returncode}"
        raise Failed(f"`{' '.join(words)}` failed: {reason}")
    return out.read_text(), usage.ru_utime + usage.ru_stime, peak


def sojourn_of(output):
    """The mean sojourn in an output: Kendall's first figure, or what our programs call it."""
    result = json.loads(output)
    if "figures" not in result:
        return result["mean_sojourn"]
    first = result["figures"][0]
    assert first["metric"] in ("E_T", "E_T_system"), f"{first['metric']} is no mean sojourn"
    return first["estimate"]["value"]


def events_of(output, model, customers):
    """Events, as programs count them; their expected number where one does not say."""
    return json.loads(output).get("events", customers * (3.5 if model == "jackson" else 2))


def run(simulator, model):
    """Medians over the seeds, start-up subtracted."""
    name = INSTALLED_AS.get(simulator)
    if name and not (BUILD / f"{name}.ok").exists():
        log = (BUILD / f"{name}.log").read_text().strip().splitlines()
        raise Failed(f"not installed: {log[-1] if log else 'no reason given'}")
    customers = CUSTOMERS[simulator][model == "jackson"]
    # A file fixes the number of customers, so the start-up with it is taken for that with a flag.
    start = command(simulator, "mm1" if simulator == "Kendall" else model, 1, 1)
    startup = min(measure(start)[1] for _ in range(3))
    seconds, memory, sojourns, events = [], [], [], []
    for seed in SEEDS:
        output, used, peak = measure(command(simulator, model, customers, seed))
        seconds.append(used - startup)
        memory.append(peak)
        sojourns.append(sojourn_of(output))
        events.append(events_of(output, model, customers))
    return {
        "customers": customers,
        "ns": statistics.median(seconds) / customers * 1e9,
        "rate": statistics.median(n / s for n, s in zip(events, seconds)),
        "memory": max(memory),
        "startup": startup,
        "sojourns": sojourns,
    }


def sojourn_cells(sojourns, model):
    """The mean over the seeds, and how far it is from theory, with its standard error."""
    mean, theory = statistics.mean(sojourns), mean_sojourn(model)
    error = f"{100 * (mean / theory - 1):+.2f} %"
    if len(set(sojourns)) > 1:
        spread = statistics.stdev(sojourns) / len(sojourns) ** 0.5
        error += f" ± {100 * spread / theory:.2f} %"
    return f"{mean:.4f}", error


def table(model):
    rows, absent = {}, []
    for simulator in CUSTOMERS:
        print(f"{model}: {simulator}", file=sys.stderr)
        try:
            rows[simulator] = run(simulator, model)
        except Failed as reason:
            absent.append(f"- {simulator} is absent: {reason}")
    ours = rows.get("Kendall", {}).get("ns")
    print(f"## {MODELS[model]}\n\nMean sojourn by theory: {mean_sojourn(model):.4f}\n")
    print(
        "| simulator | customers | ns per customer | million events/s | peak memory, MiB "
        "| start-up, s | mean sojourn | error | time by Kendall's |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for simulator, row in rows.items():
        sojourn, error = sojourn_cells(row["sojourns"], model)
        ratio = f"{row['ns'] / ours:.1f}" if ours else ""
        print(
            f"| {simulator} | {row['customers']:,} | {row['ns']:,.1f} | {row['rate'] / 1e6:,.2f} "
            f"| {row['memory']:,.1f} | {row['startup']:.3f} | {sojourn} | {error} | {ratio} |"
        )
    print("\n" + "\n".join(absent) + "\n" if absent else "")


def version(words):
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def locked(peer, package):
    """The version of a crate in a peer's lock file."""
    lock = Path(peer, "Cargo.lock").read_text()
    return re.search(rf'name = "{package}"\nversion = "([^"]+)"', lock)[1]


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor()


def heading():
    python = [line for line in Path("requirements.txt").read_text().split() if line]
    print(f"# Queues in other simulators: {time.strftime('%Y-%m-%d')}\n")
    print(f"- Machine: {processor()}, {platform.system()}; load average {os.getloadavg()[0]:.1f}")
    print(f"- Kendall: {version([KENDALL, '--version']) or 'absent'}")
    print(f"- Peers: {', '.join(python)} on Python {platform.python_version()}, nexosim "
          f"{locked('nexosim', 'nexosim')}, odem-rs {locked('odem', 'odem-rs')}")
    print(f"- Compiler: {version(['rustc', '--version'])}")
    print("- Command: `bench/peers/queueing/run`\n")
    print(
        "Times are processor times of whole processes, user and system, less those of a run of one\n"
        f"customer (start-up); the median of the seeds {SEEDS}. Peak memory is the largest resident\n"
        "size, looked up every 20 ms. The mean sojourn is the mean over the seeds; its error is the\n"
        "distance from theory, with the standard error of the mean where the seeds differ (of three\n"
        "values, so itself uncertain by about half).\n"
    )


heading()
for each in MODELS:
    table(each)
print(NOTES, end="")
