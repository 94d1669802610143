#!/usr/bin/env python3
"""Measures what `kendall run` takes, against the number of requests and the length of outputs.

    bench/scaling/measure.py --kendall BINARY > bench/runs/DATE-scaling.json

A point is a run of scenario.toml with settings laid over it: processor time of the whole process,
user and system, generating the requests included, files left out; and its largest resident size,
both as the kernel counts them. Each is run up to five times, none after 20 s altogether; the least
time counts, since what disturbs a run only adds to it. draw.py makes the figures of
docs/guides/performance.md of the result.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RUNS, ENOUGH_S = 5, 20.0
REQUESTS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
FACTORS = [1, 2, 5, 10, 20, 50, 100]
SINGLE = {"engine.merge_steps": "false"}
AT_ONCE = {"workload.generate.arrivals": '{ process = "at-once" }'}
# At outputs of 50 tokens in the median; a rate that is sustained with outputs 100 times as long.
SHORT_MU = math.log(50)
SPARSE = {"workload.generate.requests": 20_000, "workload.generate.arrivals.rate_per_s": 1.0}


def points():
    """Series by name with what is varied and the settings, in the order of measuring."""
    for requests in REQUESTS:
        size = {"workload.generate.requests": requests}
        yield "requests", "5 per second", requests, size
        yield "requests", "all at t = 0", requests, size | AT_ONCE
        if requests <= 100_000:
            yield "requests", "5 per second, single steps", requests, size | SINGLE
    for factor in FACTORS:
        mu = SHORT_MU + math.log(factor)
        law = f'{{ law = "lognormal", mu = {mu:.6f}, sigma = 0.8 }}'
        longer = SPARSE | {"workload.generate.output_tokens": law}
        yield "outputs", "merged steps", factor, longer
        yield "outputs", "single steps", factor, longer | SINGLE


def once(kendall, settings):
    """Processor time in s, peak memory in MiB, and the summary of one run."""
    command = [kendall, "run", FOLDER / "scenario.toml", "--json", "--quiet"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE)
    summary = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"error: exit status {process.returncode}: {command}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(summary)


def measure(kendall, figure, series, x, settings):
    """A point of a figure."""
    times, peaks = [], []
    while len(times) < RUNS and sum(times) < ENOUGH_S:
        cpu_s, peak_mib, summary = once(kendall, settings)
        times.append(round(cpu_s, 4))
        peaks.append(peak_mib)
    point = {
        "figure": figure,
        "series": series,
        "x": x,
        "cpu_s": min(times),
        "all_cpu_s": times,
        "peak_mib": round(max(peaks), 1),
        "steps": sum(instance["iterations"] for instance in summary["instances"]),
        "output_tokens": sum(instance["output_tokens"] for instance in summary["instances"]),
    }
    print(json.dumps(point), file=sys.stderr)
    return point


def processor():
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kendall", required=True)
    kendall = parser.parse_args().kendall
    version = [kendall, "--version"], ["rustc", "--version"]
    said = [subprocess.run(each, check=True, capture_output=True, text=True) for each in version]
    result = {
        "date": date.today().isoformat(),
        "machine": f"{processor()}, {platform.system()}",
        "load": os.getloadavg()[0],
        "kendall": said[0].stdout.strip(),
        "rustc": said[1].stdout.strip(),
        "points": [measure(kendall, *point) for point in points()],
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
