"""Asks inspect_ai for as many replies as argv says: base URL, requests, in flight. Prints one JSON line with what it took."""
import json
import os
import resource
import sys
import tempfile
import time

began = time.time()
base_url, requests, in_flight = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.environ.update(SCRIPTED_BASE_URL=base_url, SCRIPTED_API_KEY="none")

from inspect_ai import Task, eval  # noqa: E402
from inspect_ai.dataset import MemoryDataset, Sample  # noqa: E402
from inspect_ai.solver import generate  # noqa: E402

samples = [Sample(input=f"What is {i + 2} + {2 * i + 3}?", target=str(3 * i + 5)) for i in range(requests)]
logs = eval(
    Task(dataset=MemoryDataset(samples), solver=generate()),
    model="openai-api/scripted/scripted",
    max_connections=in_flight,
    max_samples=in_flight,
    temperature=1.0,
    top_p=0.95,
    max_tokens=2048,
    display="none",
    log_dir=tempfile.mkdtemp(prefix="longhand-inspect-"),
)
rows = sum(1 for sample in logs[0].samples or [] if sample.output.completion)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"wall": time.time() - began, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024, "rows": rows}))
