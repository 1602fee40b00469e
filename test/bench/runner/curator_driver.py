"""Asks bespokelabs-curator for as many replies as argv says: base URL, requests, in flight. Prints one JSON line with what it took."""
import json
import os
import resource
import sys
import tempfile
import time

began = time.time()
folder = tempfile.mkdtemp(prefix="longhand-curator-")
os.environ.update(
    OPENAI_API_KEY="none", CURATOR_CACHE_DIR=folder, CURATOR_VIEWER="0", TELEMETRY_ENABLED="0", HF_HUB_OFFLINE="1", CURATOR_DISABLE_RICH_DISPLAY="1"
)

import tiktoken  # noqa: E402

# Its table of tokens would be fetched from the network; single bytes count as tokens here.
BYTES = tiktoken.Encoding("bytes", pat_str=r"[\s\S]", mergeable_ranks={bytes([i]): i for i in range(256)}, special_tokens={})
tiktoken.get_encoding = tiktoken.encoding_for_model = lambda _name: BYTES

from bespokelabs import curator  # noqa: E402
from datasets import Dataset  # noqa: E402

base_url, requests, in_flight = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class Ask(curator.LLM):
    def prompt(self, row):
        return row["problem"]

    def parse(self, row, response):
        return {"problem": row["problem"], "text": response}


ask = Ask(
    model_name="scripted",
    backend="openai",
    generation_params={"temperature": 1.0, "top_p": 0.95, "max_tokens": 2048},
    backend_params={
        "base_url": base_url,
        "max_concurrent_requests": in_flight,
        "max_requests_per_minute": 1_000_000,
        "max_tokens_per_minute": 1_000_000_000,
    },
)
answers = ask(Dataset.from_list([{"problem": f"What is {i + 2} + {2 * i + 3}?"} for i in range(requests)]))
rows = len(getattr(answers, "dataset", answers))
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"wall": time.time() - began, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024, "rows": rows}))
