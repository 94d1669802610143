"""The fixed text of the report."""

COLUMNS = [
    "simulator",
    "runs",
    "CPU s, best",
    "median",
    "peak memory, MiB",
    "time by Kendall's",
    "memory by Kendall's",
    "steps",
    "mean TTFT, s",
    "mean E2E, s",
    "prompt tokens from cache",
]

NOTES = """\
What differs in the modelling:

- All read the same list and serve all of it: round robin over the instances, 256 sequences and
  8,192 tokens per step, prompts split over steps, KV blocks in 90 % of the GPUs' memory less the
  weights. What comes out (steps, TTFT, E2E, prefix hits) is there to tell how alike the work is.
- Kendall follows vLLM's scheduler: a null block, admission only of requests whose whole prompt
  finds blocks. inference-lab uses every block and admits by the next part of a prompt, so that
  the two part where memory is short. Their step times are the same roofline; its model is given
  the number of parameters that Kendall's has. It adds up doubles, Kendall whole nanoseconds.
- Dynamo takes step times from a built-in curve of the tokens to prefill and the KV cache in use,
  the same for every model and GPU, so its times are no estimate of this hardware. How many steps
  it makes it does not say. Shorter steps under the same arrivals are more and smaller ones.
- inference-lab and Dynamo make every step by itself, with work per sequence; Kendall makes runs
  of equal steps at once, with the same number of steps and the same times as one by one.
- Kendall writes requests.parquet, a row per request, and counts quantiles of TTFT, TPOT, ITL and
  E2E. The program around inference-lab only adds up TTFT and E2E; the library also works out the
  use of arithmetic and bandwidth of every step. Dynamo holds every prompt as tokens and the time
  of every output token, prints means and quantiles and writes them to a file; its Python takes
  0.05 s to start.
- What they model beyond this comparison and Kendall does not: inference-lab mixtures of experts,
  latent and windowed attention, speculative decoding, memory tiers, prefill apart from decode;
  Dynamo its KV-aware router and planner, offloading, prefill apart from decode, other engines'
  schedulers, step times from profiles. Kendall has vLLM's preemption, priorities and limits as
  recorded from vLLM, other schedulers (Orca, Sarathi, static batches) and queues of all kinds.

Settings:

- inference-lab has no reader of arrival times, so `inference-lab/` here is a program around its
  library that hands over each request when it is due: `opt-level = 3`, `lto = "fat"`, one codegen
  unit, its allocator, none of its time series. Where prefixes are not cached it is given no
  hashes.
- Dynamo runs by its own command, `python -m dynamo.replay`, from the wheels on PyPI without what
  they depend on. 1.4.2 is the last version with that command. `transformers` is a stub that
  replay does not use. Its own blocks (`native`) are faster than `kvbm`; blocks of 64 are faster
  than 16 and are taken where nothing else is said. "4 workers" has 16,384 blocks each: fewer
  instances with larger batches, so less to do than the 8 instances of the others.
- In the at-once list everything waits from the start; a simulator that looks at all who wait in
  every step takes time that grows with the square of the list.
"""
