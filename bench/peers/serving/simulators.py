"""How to run each simulator on a list, and what it says.

A simulator has `name`; `installed_as`, what `run` calls its installation; `words(system,
requests)`, the command; and `outcome(text, requests)`, which reads what it printed.
"""

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

BUILD = Path("build")
CATALOG = Path("../../../configs/catalog")
KENDALL = os.environ["KENDALL"]

# The same for all.
MAX_NUM_SEQS = 256
MAX_NUM_BATCHED_TOKENS = 8192
GPU_MEMORY_UTILIZATION = 0.9

# Names of the same models in the catalog of inference-lab.
INFERENCE_LAB_MODELS = {"llama-3.1-70b": "llama-3-70b", "llama-3.1-8b": "llama-3.1-8b-instruct"}


def catalog(path):
    return tomllib.loads((CATALOG / path).read_text())


@dataclass(frozen=True)
class System:
    """A serving system: equal instances, taken in turn, of one model on H100 GPUs."""

    model: str
    tensor_parallel: int
    instances: int
    block_size: int
    prefix_caching: bool

    def parameters(self):
        return catalog(f"models/{self.model}.toml")["parameters"]

    def kv_tokens(self):
        """Tokens whose keys and values an instance has memory for, in two bytes each."""
        model = catalog(f"models/{self.model}.toml")
        memory = catalog("hardware/h100-sxm.toml")["memory_bytes"] * self.tensor_parallel
        free = int(memory * GPU_MEMORY_UTILIZATION) - 2 * model["parameters"]
        return free // (2 * model["layers"] * model["kv_heads"] * model["head_dim"] * 2)


@dataclass
class Outcome:
    """What a simulator says of the simulated system; times in seconds."""

    finished: int
    output_tokens: int
    steps: int | None
    mean_ttft: float
    mean_e2e: float
    hit_rate: float


class Kendall:
    name = "Kendall"
    installed_as = None

    def words(self, system, requests):
        settings = {
            "llm.model": system.model,
            "llm.hardware": "h100-sxm",
            "llm.tensor_parallel": system.tensor_parallel,
            "llm.instances": system.instances,
            "llm.router": "round-robin",
            "llm.scheduler.max_num_seqs": MAX_NUM_SEQS,
            "llm.scheduler.max_num_batched_tokens": MAX_NUM_BATCHED_TOKENS,
            "llm.kv.block_size": system.block_size,
            "llm.kv.gpu_memory_utilization": GPU_MEMORY_UTILIZATION,
            "llm.kv.enable_prefix_caching": str(system.prefix_caching).lower(),
        }
        flags = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        written = ["--iterations", "off", "--output", str(BUILD / "kendall"), "--force"]
        return [KENDALL, "replay", str(requests.path), *flags, *written, "--json", "--quiet"]

    def outcome(self, text, _requests):
        said = json.loads(text)
        return Outcome(
            finished=said["requests"]["finished"],
            output_tokens=sum(instance["output_tokens"] for instance in said["instances"]),
            steps=said["iterations"],
            mean_ttft=said["ttft_s"]["mean"],
            mean_e2e=said["e2e_s"]["mean"],
            hit_rate=said["prefix_cache"]["hit_rate"],
        )


class InferenceLab:
    name = "inference-lab"
    installed_as = "inference-lab"

    def words(self, system, requests):
        settings = {
            "model": INFERENCE_LAB_MODELS[system.model],
            "parameters": system.parameters(),
            "hardware": "h100",
            "tensor_parallel": system.tensor_parallel,
            "instances": system.instances,
            "max_num_seqs": MAX_NUM_SEQS,
            "max_num_batched_tokens": MAX_NUM_BATCHED_TOKENS,
            "block_size": system.block_size,
            "gpu_memory_utilization": GPU_MEMORY_UTILIZATION,
            "prefix_caching": str(system.prefix_caching).lower(),
        }
        program = str(BUILD / "target/release/peer-inference-lab")
        return [program, str(requests.path), *(f"{key}={value}" for key, value in settings.items())]

    def outcome(self, text, requests):
        said = json.loads(text)
        return Outcome(
            finished=said["finished"],
            output_tokens=said["output_tokens"],
            steps=said["iterations"],
            mean_ttft=said["mean_ttft_s"],
            mean_e2e=said["mean_e2e_s"],
            hit_rate=said["cached_tokens"] / requests.prompt_tokens,
        )


@dataclass
class Dynamo:
    """With blocks of its own size, and as many workers and as much memory as the system has, or
    what is given here."""

    block_size: int
    workers: int | None = None
    blocks: int | None = None
    installed_as = "dynamo"

    @property
    def name(self):
        workers = f"{self.workers} workers, " if self.workers else ""
        return f"Dynamo, {workers}blocks of {self.block_size}"

    def words(self, system, requests):
        engine = {
            "block_size": self.block_size,
            "num_gpu_blocks": self.blocks or system.kv_tokens() // self.block_size,
            "max_num_seqs": MAX_NUM_SEQS,
            "max_num_batched_tokens": MAX_NUM_BATCHED_TOKENS,
            "enable_prefix_caching": system.prefix_caching,
        }
        python = ["env", "PYTHONPATH=stub", str(BUILD / "venv/bin/python"), "-m", "dynamo.replay"]
        fleet = ["--num-workers", str(self.workers or system.instances)]
        fleet += ["--replay-mode", "offline", "--router-mode", "round_robin"]
        reading = ["--trace-block-size", "512", "--report-json", str(BUILD / "dynamo.json")]
        args = ["--extra-engine-args", json.dumps(engine)]
        return [*python, str(requests.path), *fleet, *reading, *args]

    def outcome(self, _text, _requests):
        said = json.loads((BUILD / "dynamo.json").read_text())
        return Outcome(
            finished=said["completed_requests"],
            output_tokens=said["total_output_tokens"],
            steps=None,
            mean_ttft=said["mean_ttft_ms"] / 1e3,
            mean_e2e=said["mean_e2e_latency_ms"] / 1e3,
            hit_rate=said["prefix_cache_reused_ratio"],
        )
