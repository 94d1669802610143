"""The lists of requests, all in Mooncake's format, which every simulator reads.

A row has `timestamp` in ms, `input_length`, `output_length`, and `hash_ids`, one per 512 tokens of
the prompt; equal ids are equal prefixes.
"""

import hashlib
import json
import os
import subprocess
from itertools import count
from pathlib import Path

KENDALL = os.environ["KENDALL"]
TRACES = Path(os.environ["TRACES"])
FOLDER = Path("build/lists")
HASHED_TOKENS = 512

# Of the conversation trace, in ms; its last request arrives at 3,536,999.
COPIES, COPY_SPACING = 10, 3_540_000
# As many rows of Azure's trace as Mooncake's has.
AZURE_ROWS = 12_031
CHAT = {
    "--requests": "120000",
    "--rate": "5",
    "--prompt": "lognormal:mu=6.9,sigma=0.7",
    "--output-tokens": "lognormal:mu=5.3,sigma=0.8",
    "--seed": "1",
}
# A batch is over before the next arrives, a minute later.
DECODE_BATCHES, DECODE_BATCH, DECODE_TOKENS, DECODE_SPACING = 100, 256, 2_000, 60_000


class Skipped(Exception):
    """Why there is no list."""


def trace(name):
    path = TRACES / name
    if not path.exists():
        raise Skipped(f"{name} is not in the folder of traces")
    return path


def rows_of(path):
    with Path(path).open() as lines:
        return [json.loads(line) for line in lines]


def kendall(*words):
    """Rows that Kendall makes."""
    made = FOLDER / "made"
    command = [KENDALL, "trace", *map(str, words), "--to", "mooncake", "-o", made]
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Skipped(f"Kendall does not make the list: {error}") from error
    return rows_of(made)


def conversation():
    return rows_of(trace("mooncake/conversation_trace.jsonl"))


def conversation_copies():
    rows = conversation()
    ids = 1 + max(max(row["hash_ids"]) for row in rows)
    for copy in range(COPIES):
        for row in rows:
            hash_ids = [identity + copy * ids for identity in row["hash_ids"]]
            timestamp = row["timestamp"] + copy * COPY_SPACING
            yield {**row, "timestamp": timestamp, "hash_ids": hash_ids}


def chat():
    return kendall("generate", *(word for option in CHAT.items() for word in option))


def chat_at_once():
    return ({**row, "timestamp": 0} for row in chat())


def azure():
    path = trace("azure/AzureLLMInferenceTrace_conv.csv")
    fresh = count()
    for row in kendall("convert", path, "--limit", AZURE_ROWS):
        blocks = -(-row["input_length"] // HASHED_TOKENS)
        yield {**row, "hash_ids": [next(fresh) for _ in range(blocks)]}


def decode():
    for request in range(DECODE_BATCHES * DECODE_BATCH):
        timestamp = request // DECODE_BATCH * DECODE_SPACING
        lengths = {"input_length": 1, "output_length": DECODE_TOKENS}
        yield {"timestamp": timestamp, **lengths, "hash_ids": [request]}


class RequestList:
    """A list in a file, and what it amounts to."""

    def __init__(self, rows):
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.path = FOLDER / f"{rows.__name__}.jsonl"
        self.requests = self.prompt_tokens = self.output_tokens = 0
        digest = hashlib.sha256()
        with self.path.open("w") as file:
            for row in rows():
                line = json.dumps(row) + "\n"
                file.write(line)
                digest.update(line.encode())
                self.requests += 1
                self.prompt_tokens += row["input_length"]
                self.output_tokens += row["output_length"]
        self.digest = digest.hexdigest()
