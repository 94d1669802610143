#!/usr/bin/env python3
"""Compares the reference pages with what the program says of itself, and checks the pages' links."""

import argparse
import json
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path

import pyarrow.parquet

from checks import Checks

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SPREAD = ["mean", "p50", "p90", "p95", "p99", "max"]


def sections(page):
    """Text of a page by heading."""
    parts = re.split(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def rows(text):
    """Cells of the tables in a text, without headers."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = {index for index, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for index, row in enumerate(cells) if not {index, index + 1} & rules]


def code(text):
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", text)


def same(documented, actual):
    """Fails with what is missing on either side."""
    missing = [item for item in actual if item not in documented]
    extra = [item for item in documented if item not in actual]
    assert not missing and not extra, f"not documented: {missing}, documented only: {extra}"
    assert list(documented) == list(actual), "the order differs"


def records(table, run):
    """Columns, types, units."""
    actual = []
    for column in pyarrow.parquet.read_schema(run / f"{table}.parquet"):
        unit = column.metadata[b"unit"].decode()
        kind = f"{column.type}{'?' if column.nullable else ''}"
        actual.append((column.name, kind, "" if unit == "1" else unit))
    page = rows(sections(DOCS / "reference/records.md")[f"{table}.parquet"])
    same([(code(name)[0], kind, unit) for name, kind, unit, _ in page], actual)


def footers(runs):
    """Keys of the file metadata."""
    actual = set()
    for table, run in runs.items():
        metadata = pyarrow.parquet.read_metadata(run / f"{table}.parquet").metadata
        actual |= {key.decode() for key in metadata if key.startswith(b"kendall.")}
    page = rows(sections(DOCS / "reference/records.md")["What a file says about itself"])
    same(sorted(code(row[0])[0] for row in page), sorted(actual))


def trials(run, single):
    """Columns of trials: those documented, and a metric for each number of the summary of one run."""
    columns = pyarrow.parquet.read_schema(run / "trials.parquet")
    page = rows(sections(DOCS / "reference/records.md")["trials.parquet"])
    actual = []
    for name in (code(row[0])[0] for row in page):
        column = columns.field(name)
        unit = column.metadata[b"unit"].decode()
        kind = f"{column.type}{'?' if column.nullable else ''}"
        actual.append((name, kind, "" if unit == "1" else unit))
    same([(code(name)[0], kind, unit) for name, kind, unit, _ in page], actual)
    summary = json.loads((single / "summary.json").read_text())
    left_out = {"percentile_error", "skipped_records", "seed", "config"}
    metrics = []
    for key in keys_of(summary):
        if key not in left_out and not key.startswith("instances"):
            is_spread = isinstance(value_of(summary, key), dict)
            metrics += [f"{key}.{member}" for member in SPREAD] if is_spread else [key]
    found = [name for name in columns.names if name not in {row[0] for row in actual[:4]}]
    same(sorted(metrics), sorted(found))


def keys_of(value, path=""):
    """Dotted paths of the leaves; a spread is one."""
    if isinstance(value, list):
        return keys_of(value[0], f"{path}[]")
    if not isinstance(value, dict) or list(value) == SPREAD or path == "config":
        return [path]
    inner = (keys_of(each, f"{path}.{key}".lstrip(".")) for key, each in value.items())
    return [key for keys in inner for key in keys]


def summary(run):
    """Keys of summary.json."""
    page = rows((DOCS / "reference/summary.md").read_text(encoding="utf-8"))
    documented = [key for row in page for key in code(row[0])]
    same(documented, keys_of(json.loads((run / "summary.json").read_text())))


def value_of(config, key):
    for part in key.split("."):
        config = config[part]
    return config


def settings(kendall):
    """Every key of the resolved defaults has a row, with its default unless that is derived."""
    config = tomllib.loads(subprocess.check_output([kendall, "config"], text=True))
    page = rows((DOCS / "guides/scenarios.md").read_text(encoding="utf-8"))
    documented = {key: row[1].strip("`") for row in page for key in code(row[0])}
    derived = {"llm.kv.num_gpu_blocks", "llm.scheduler.max_model_len"}
    for key in keys_of(config):
        if key.startswith("llm.cost.") or isinstance(value_of(config, key), dict):
            continue
        assert key in documented, f"`{key}` is not documented"
        actual = value_of(config, key)
        shown = actual if isinstance(actual, str) else json.dumps(actual)
        if key not in derived:
            assert documented[key] == shown, f"`{key}` is {shown}, not {documented[key]}"


def help_of(kendall, command):
    return subprocess.check_output([kendall, *command, "--help"], text=True)


def commands(kendall, command=()):
    """Commands without subcommands, depth first."""
    listed = re.search(r"^Commands:\n((?: .*\n)+)", help_of(kendall, command), re.MULTILINE)
    if not listed:
        return [command]
    names = re.findall(r"^  ([\w-]+)", listed[1], re.MULTILINE)
    below = [commands(kendall, (*command, name)) for name in names if name != "help"]
    return [each for commands_below in below for each in commands_below]


def flags(kendall, command):
    """Flags of a command."""
    actual = re.findall(r"^ +(?:-\w, )?(--[\w-]+)", help_of(kendall, command), re.MULTILINE)
    title = " ".join(("kendall", *command))
    page = sections(DOCS / "reference/cli.md")
    assert title in page, f"no section {title}"
    documented = {flag for row in rows(page[title]) for flag in code(row[0])}
    long = {flag for flag in documented if flag.startswith("--")}
    same(sorted(long), sorted(set(actual) - {"--help"}))


def anchor(heading):
    """The name that a heading gets on rendered pages."""
    text = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
    return text.replace(" ", "-")


def links(page):
    """Relative links lead to files, and to headings in them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, name = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{target} does not exist"
        if name:
            assert name in [anchor(heading) for heading in sections(file)], f"no heading {target}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kendall", type=Path, required=True, help="the binary to ask")
    kendall = parser.parse_args().kendall.resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        run = Path(scratch) / "run"
        command = [kendall, "replay", "-q", "--iterations", "steps", "--set", "slo.ttft_s=1"]
        command += ["--samples", "10s"]
        subprocess.run([*command, "-o", run], check=True, capture_output=True)
        queue = Path(scratch) / "queue"
        command = [kendall, "queue", "M/M/1", "--arrival-rate", "0.5", "--service-rate", "1"]
        command += ["--customers", "1000", "-q", "-o", queue]
        subprocess.run(command, check=True, capture_output=True)
        several = Path(scratch) / "several"
        command = [kendall, "run", "configs/scenarios/chat-1x-h100-llama8b.toml", "--trials", "2"]
        command += ["--set", "workload.generate.requests=20", "--vary", "llm.router=round-robin"]
        command += ["-q", "-o", several]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        study = Path(scratch) / "study"
        command = [kendall, "study", "batching", "--trials", "2", "-q", "-o", study]
        subprocess.run(command, check=True, capture_output=True)
        runs = {"requests": run, "iterations": run, "samples": run, "customers": queue}
        runs["study"] = study
        for table, folder in runs.items():
            checks.run(f"records.md: {table}.parquet", records, table, folder)
        runs["trials"] = several
        checks.run("records.md: trials.parquet", trials, several, run)
        checks.run("records.md: footers", footers, runs)
        checks.run("summary.md: keys", summary, run)
    checks.run("scenarios.md: every setting", settings, kendall)
    for command in checks.run("cli.md: help", commands, kendall) or []:
        checks.run(f"cli.md: kendall {' '.join(command)}", flags, kendall, command)
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]:
        checks.run(f"links of {page.relative_to(ROOT)}", links, page)
    checks.finish()


if __name__ == "__main__":
    main()
