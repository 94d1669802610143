#!/usr/bin/env python3
"""Reads the Parquet output back by DuckDB and pandas and checks what must hold in it."""

import argparse
import json
import subprocess
import tempfile
import tomllib
from pathlib import Path

import duckdb
import pandas
import pyarrow.parquet

from checks import Checks


ROOT = Path(__file__).resolve().parent.parent
TABLES = ("requests", "iterations", "samples")


class Results:
    """The files of one run."""

    def __init__(self, folder):
        self.folder = folder
        self.summary = json.loads((folder / "summary.json").read_text())

    def path(self, table):
        return str(self.folder / f"{table}.parquet")

    def metadata(self, table):
        """What the footer says about the run."""
        return pyarrow.parquet.read_metadata(self.path(table)).metadata

    def query(self, text):
        """The first row of a query over the tables."""
        names = {table: f"'{self.path(table)}'" for table in TABLES}
        return duckdb.sql(text.format(**names)).fetchall()[0]


def near(found, expected):
    assert abs(found - expected) <= 1e-9 * abs(expected), f"{found}, expected {expected}"


def same(found, expected):
    assert found == expected, f"{found}, expected {expected}"


def rows_are_those_of_the_summary(results):
    for status in ("finished", "rejected", "aborted", "unfinished"):
        count = f"SELECT count(*) FROM {{requests}} WHERE status = '{status}'"
        same(results.query(count)[0], results.summary["requests"][status])
    ids = "SELECT count(*), min(request_id), max(request_id), count(DISTINCT request_id) FROM {requests}"
    total = results.summary["requests"]["total"]
    same(results.query(ids), (total, 0, total - 1, total))


def times_are_ordered(results):
    bad = """SELECT count(*) FROM {requests} WHERE arrival_ns > scheduled_ns
        OR scheduled_ns >= first_token_ns OR first_token_ns > finish_ns"""
    same(results.query(bad)[0], 0)


def figures_follow_from_times(results):
    bad = """SELECT count(*) FROM {requests}
        WHERE ttft_ns IS DISTINCT FROM first_token_ns - arrival_ns
        OR e2e_ns IS DISTINCT FROM finish_ns - arrival_ns
        OR tpot_ns IS DISTINCT FROM
            (finish_ns - first_token_ns) / nullif(generated_tokens::BIGINT - 1, 0)"""
    same(results.query(bad)[0], 0)


def percentiles_are_those_of_the_summary(results):
    for figure in ("ttft", "tpot", "e2e"):
        for percent in (50, 90, 95, 99):
            quantile = f"SELECT quantile_cont({figure}_ns, {percent} / 100) / 1e9 FROM {{requests}}"
            near(results.query(quantile)[0], results.summary[f"{figure}_s"][f"p{percent}"])


def iterations_are_those_of_the_summary(results):
    totals = "SELECT sum(iterations), sum(preempted) FROM {iterations}"
    expected = (results.summary["iterations"], results.summary["preemptions"])
    same(results.query(totals), expected)


def iterations_of_an_instance_do_not_overlap(results):
    bad = """SELECT count(*) FROM (
        SELECT start_ns < lag(end_ns) OVER turn OR end_ns < start_ns
            OR iteration <> lag(iteration + iterations) OVER turn AS bad
        FROM {iterations} WINDOW turn AS (PARTITION BY instance ORDER BY iteration)) WHERE bad"""
    same(results.query(bad)[0], 0)


def samples_add_up_to_the_summary(results):
    """Per instance and for the fleet, whatever is counted in windows."""
    sums = """SELECT sum(iterations), sum(preemptions), sum(finished) FROM {{samples}}
        WHERE instance IS {} NULL"""
    summary = results.summary
    expected = (summary["iterations"], summary["preemptions"], summary["requests"]["finished"])
    for of in ("", "NOT"):
        same(results.query(sums.format(of)), expected)
    tokens = "SELECT sum(output_tokens) FROM {samples} WHERE instance IS NULL"
    same(results.query(tokens), results.query("SELECT sum(generated_tokens) FROM {requests}"))


def samples_add_up_to_other_tables(results):
    """Where the summary is one of trials, or counts steps in which nobody is served."""
    sums = "SELECT sum(arrivals), sum(finished), sum(output_tokens) FROM {samples}"
    found = results.query(f"{sums} WHERE instance IS NULL")
    same(found, results.query("SELECT count(*), count(finish_ns), sum(generated_tokens) FROM {requests}"))
    steps = "SELECT sum(iterations) FROM {samples} WHERE instance IS NULL"
    same(results.query(steps), results.query("SELECT sum(iterations) FROM {iterations}"))


def queues_of_samples_are_those_of_requests(results):
    """Who has arrived and has not begun, and who has begun and has not finished."""
    bad = """SELECT count(*) FROM {samples} s WHERE instance IS NULL AND (waiting, running)
    IS DISTINCT FROM (SELECT (
        count(*) FILTER (arrival_ns <= s.time_ns AND coalesce(scheduled_ns > s.time_ns, true)),
        count(*) FILTER (scheduled_ns <= s.time_ns AND coalesce(finish_ns > s.time_ns, true))
    ) FROM {requests})"""
    same(results.query(bad)[0], 0)


def samples_are_what_iterations_tell(results):
    """Steps that end in a window, and the step that a sample falls into."""
    if results.metadata("iterations")[b"kendall.granularity"] != b"steps":
        return
    bad = """SELECT count(*) FROM {samples} s WHERE instance IS NOT NULL AND (
        iterations, prefill_tokens, running, decode_tokens, context_tokens, kv_blocks_used
    ) IS DISTINCT FROM (SELECT (
        count(*) FILTER (end_ns > s.time_ns - s.window_ns AND end_ns <= s.time_ns),
        coalesce(sum(i.prefill_tokens)
            FILTER (end_ns > s.time_ns - s.window_ns AND end_ns <= s.time_ns), 0),
        coalesce(sum(i.running) FILTER (start_ns <= s.time_ns AND end_ns > s.time_ns), 0),
        coalesce(sum(i.decode_tokens) FILTER (start_ns <= s.time_ns AND end_ns > s.time_ns), 0),
        coalesce(sum(i.context_tokens) FILTER (start_ns <= s.time_ns AND end_ns > s.time_ns), 0),
        coalesce(sum(i.kv_blocks_used) FILTER (start_ns <= s.time_ns AND end_ns > s.time_ns), 0)
    ) FROM {iterations} i WHERE i.instance = s.instance)
        AND time_ns < (SELECT max(time_ns) FROM {samples})"""
    same(results.query(bad)[0], 0)


def percentiles_of_samples_are_those_of_requests(results):
    for figure, end, percent in (
        ("ttft", "first_token", 50),
        ("tpot", "finish", 95),
        ("e2e", "finish", 99),
    ):
        worst = f"""SELECT max(abs(found - expected) / expected),
            count(*) FILTER ((found IS NULL) <> (expected IS NULL))
        FROM (SELECT {figure}_p{percent}_ns AS found, (
            SELECT quantile_cont({figure}_ns, {percent} / 100) FROM {{requests}} r
            WHERE {end}_ns > s.time_ns - s.window_ns AND {end}_ns <= s.time_ns
                AND (s.instance IS NULL OR r.instance = s.instance)) AS expected
            FROM {{samples}} s)"""
        difference, unmatched = results.query(worst)
        assert difference <= 1e-9, f"{figure}: {difference}"
        same(unmatched, 0)


def tokens_are_conserved(results):
    """Every prompt token that was not cached and every output token but the last is computed."""
    computed = "SELECT sum(iterations * (prefill_tokens + decode_tokens)) FROM {iterations}"
    needed = "SELECT sum(prompt_tokens - cached_tokens + generated_tokens - 1) FROM {requests}"
    same(results.query(computed), results.query(needed))


def pandas_reads_the_same(results):
    for table in TABLES:
        frame = pandas.read_parquet(results.path(table))
        rows = results.query(f"SELECT count(*) FROM {{{table}}}")[0]
        same(len(frame), rows)
        for column in frame.columns:
            counts = f"SELECT count({column}), max({column}) FROM {{{table}}}"
            filled, largest = results.query(counts)
            same(int(frame[column].count()), filled)
            if filled:
                same(frame[column].max(), largest)


def the_file_explains_itself(results, kendall):
    for table in TABLES:
        for column in pyarrow.parquet.read_schema(results.path(table)):
            assert column.metadata[b"unit"] and column.metadata[b"description"], column.name
        metadata = results.metadata(table)
        same(int(metadata[b"kendall.seed"]), results.summary["seed"])
        same(len(metadata[b"kendall.trace_sha256"]), 64)
        version = subprocess.check_output([kendall, "--version"], text=True).split()[1]
        same(metadata[b"kendall.version"].decode(), version)
        config = tomllib.loads(metadata[b"kendall.config"].decode())
        same(config["llm"]["model"], results.summary["config"]["llm"]["model"])


def the_configuration_in_a_file_repeats_the_run(results, kendall, again):
    scenario = Path(f"{again}.toml")
    scenario.write_bytes(results.metadata("requests")[b"kendall.config"])
    subprocess.run([kendall, "run", scenario, "-q", "-o", again], check=True, capture_output=True)
    for file in (*(f"{table}.parquet" for table in TABLES), "summary.json"):
        same((again / file).read_bytes() == (results.folder / file).read_bytes(), True)


def trials_are_those_of_the_summary(folder):
    """Means and differences of every metric, by DuckDB, and what pandas reads."""
    summary = json.loads((folder / "summary.json").read_text())
    path = folder / "trials.parquet"
    frame = pandas.read_parquet(path)
    same(len(frame), summary["trials"] * len(summary["variants"]))
    first = summary["variants"][0]["variant"]
    for variant in summary["variants"]:
        of_variant = frame[frame["variant"] == variant["variant"]]
        same(list(of_variant["seed"] - of_variant["trial"]), [summary["seed"]] * len(of_variant))
        for key, value in variant["settings"].items():
            same(set(of_variant[key]), {value})
        for metric, expected in variant["metrics"].items():
            figures = f"""SELECT avg("{metric}"), stddev_samp("{metric}"), count("{metric}")
                FROM '{path}' WHERE variant = $1"""
            name = variant["variant"]
            mean, sd, count = duckdb.execute(figures, [name]).fetchall()[0]
            same(int(of_variant[metric].count()), count)
            if expected is None:
                same(count, 0)
                continue
            same(count, expected["trials"])
            near(mean, expected["mean"])
            assert abs(sd - expected["sd"]) <= 1e-9 * (sd + abs(mean)), f"{metric}: {sd}"
            if variant["differences"]:
                pairs = f"""SELECT avg(b."{metric}" - a."{metric}")
                    FROM '{path}' a JOIN '{path}' b USING (trial)
                    WHERE a.variant = $1 AND b.variant = $2"""
                difference = duckdb.execute(pairs, [first, name]).fetchall()[0][0]
                found = variant["differences"][metric]["mean"]
                assert abs(difference - found) <= 1e-9 * (abs(found) + abs(mean)), f"{metric}"


def trials_explain_themselves(folder):
    """Units, descriptions, and the footer."""
    path = folder / "trials.parquet"
    for column in pyarrow.parquet.read_schema(path):
        assert column.metadata[b"unit"] and column.metadata[b"description"], column.name
    metadata = pyarrow.parquet.read_metadata(path).metadata
    summary = json.loads((folder / "summary.json").read_text())
    names = [variant["variant"] for variant in summary["variants"]]
    same(json.loads(metadata[b"kendall.variants"]), names)
    config = tomllib.loads(metadata[b"kendall.config"].decode())
    same(config["llm"]["router"], "round-robin")


def requests_were_preempted(results):
    assert results.summary["preemptions"] > 0
    times = "SELECT sum(preemptions) FROM {requests}"
    same(results.query(times)[0], results.summary["preemptions"])


def requests_were_cut_off(results):
    assert results.summary["requests"]["unfinished"] > 0


EVERY_RUN = [
    rows_are_those_of_the_summary,
    times_are_ordered,
    figures_follow_from_times,
    percentiles_are_those_of_the_summary,
    iterations_are_those_of_the_summary,
    iterations_of_an_instance_do_not_overlap,
    samples_add_up_to_the_summary,
    samples_are_what_iterations_tell,
    percentiles_of_samples_are_those_of_requests,
    pandas_reads_the_same,
]

# No divisor of the times of the built-in sample, so that windows end anywhere.
SAMPLES = "1700ms"

# Runs of the built-in sample, with the options and what else holds.
RUNS = {
    "plain": ([], tokens_are_conserved),
    "preempting": (
        ["--rate-scale", "8", "--set", "llm.instances=2"],
        requests_were_preempted,
    ),
    "cut-off": (["--until", "60s"], requests_were_cut_off),
}


# Scenarios that are no serving systems, with options and the checks of every run that hold for them.
SCENARIOS = {
    "token budget": (
        "configs/scenarios/token-budget/demo2.toml",
        ["--trials", "2", "--set", "token_budget.load.window_s=60"],
    ),
    "ticks": ("configs/scenarios/ticks/rate.toml", []),
}
EVERY_SCENARIO = [
    figures_follow_from_times,
    iterations_of_an_instance_do_not_overlap,
    samples_add_up_to_other_tables,
    queues_of_samples_are_those_of_requests,
    samples_are_what_iterations_tell,
    percentiles_of_samples_are_those_of_requests,
    pandas_reads_the_same,
]


def check_scenarios(kendall, scratch, checks):
    for name, (scenario, options) in SCENARIOS.items():
        for rows in ("steps", "runs"):
            folder = Path(scratch) / name / rows
            command = [kendall, "run", ROOT / scenario, "-q", "-o", folder, "--iterations", rows]
            command += ["--samples", SAMPLES, *options]
            subprocess.run(command, check=True, capture_output=True)
            results = Results(folder)
            for check in EVERY_SCENARIO:
                checks.run(f"{name}, {rows}: {check.__name__}", check, results)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kendall", type=Path, required=True, help="the binary to run")
    kendall = parser.parse_args().kendall.resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as scratch:
        for name, (options, particular) in RUNS.items():
            for rows in ("steps", "runs"):
                folder = Path(scratch) / name / rows
                command = [kendall, "replay", "-q", "-o", folder, "--iterations", rows]
                command += ["--samples", SAMPLES, *options]
                subprocess.run(command, check=True, capture_output=True)
                results = Results(folder)
                again = Path(f"{folder}-again")
                applicable = [(check,) for check in (*EVERY_RUN, particular)]
                applicable.append((the_file_explains_itself, kendall))
                applicable.append((the_configuration_in_a_file_repeats_the_run, kendall, again))
                for check, *more in applicable:
                    checks.run(f"{name}, {rows}: {check.__name__}", check, results, *more)
        check_scenarios(kendall, scratch, checks)
        folder = Path(scratch) / "trials"
        command = [kendall, "run", ROOT / "configs/scenarios/chat-1x-h100-llama8b.toml", "-q"]
        command += ["-o", folder, "--trials", "6", "--vary", "llm.router=round-robin,least-loaded"]
        command += ["--set", "workload.generate.requests=200", "--set", "llm.instances=3"]
        subprocess.run(command, check=True, capture_output=True)
        for check in (trials_are_those_of_the_summary, trials_explain_themselves):
            checks.run(f"trials: {check.__name__}", check, folder)
    checks.finish()


if __name__ == "__main__":
    main()
