"""Samples the requests of a round on a Ray cluster, and brings every answer home as soon as it is there.

Three ways, of which one is taken and said in the first line of the log:
  vllm   ray.data.llm with vLLM on the cluster's GPUs (needs ray[data,llm])
  http   ray.data.llm's HTTP processor against an OpenAI-compatible URL (needs ray[data,llm])
  tasks  plain Ray tasks against an OpenAI-compatible URL (needs ray alone)

Each line of the requests is {"key", "request": {model, messages, sampling, seed}}; each line of the results is {"key", "ms", "response"} with a chat
completion as OpenAI's API has it, or {"key", "error": {"status", "message"}}. Without a shared folder the results are told in the log, piece by piece.
"""

import argparse
import json
import os
import sys
import time

MARK = "@@LONGHAND "
# Ray hands on at most 4 MB a line, and Longhand reads at most 1 MiB of one.
PIECE = 64 * 1024
ATTEMPTS = 5
# Seconds for which the rate limit may reject every request, the default of calls.rateLimitMinutes, and the longest wait.
RATE_LIMIT_S = 600
RATE_LIMITED = (429, 503, 529)
LAST_SUCCESS = {"at": 0.0}
# Bytes of one reply, the default of calls.maxReplyMB.
LARGEST_REPLY = 16_000_000
PER_TASK = 8
# Going on makes no sense: no access, or no such model or path.
FATAL = (401, 403, 404)
DEFAULT_PORTS = {"http": 80, "https": 443}


class Fatal(Exception):
    pass


def body_of(request):
    """What Longhand's own runner sends, in one piece."""
    sampling = request["sampling"]
    return {
        "model": request["model"],
        "messages": request["messages"],
        "temperature": sampling["temperature"],
        "top_p": sampling["topP"],
        "max_tokens": sampling["maxTokens"],
        "seed": request["seed"],
        "stream": False,
    }


def wait_of(headers, waits, longest=RATE_LIMIT_S):
    """Seconds until the next attempt: 1, 2, 4 … 60, half of it random. The server can ask for more by Retry-After, up to `longest`."""
    import email.utils
    import random

    own = min(60.0, 2.0**waits) * (0.5 + random.random() / 2)
    after = headers.get("Retry-After") or ""
    try:
        asked = float(after)
    except ValueError:
        try:
            asked = email.utils.parsedate_to_datetime(after).timestamp() - time.time()
        except (TypeError, ValueError):
            asked = 0.0
    # Written so that "nan" is no wait either.
    return max(own, min(asked, longest)) if asked > own else own


def key_name(url):
    """As keyNameOf of Longhand: the host, or http://host where a key would travel in the clear to another machine."""
    import re
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.hostname or ""
    # What two readers of an address could read differently.
    if not host or re.search(r"[@\\\s]", parts.netloc) or parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"{url} is not a valid address")
    loopback = host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host)
    name = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != DEFAULT_PORTS[parts.scheme]:
        name += f":{parts.port}"
    return name if parts.scheme == "https" or loopback else f"http://{name}"


def key_for(url, env):
    """LONGHAND_API_KEY, where LONGHAND_API_HOST names this host: the address may come from a dataset that someone else made."""
    meant = env.get("LONGHAND_API_HOST", "").strip()
    if not meant or not env.get("LONGHAND_API_KEY"):
        return None
    try:
        named = key_name(meant if meant.lower().startswith(("http://", "https://")) else f"https://{meant}")
        return env["LONGHAND_API_KEY"] if named == key_name(url) else None
    except ValueError:
        return None


def headers_for(url):
    headers = {"Content-Type": "application/json"}
    # Of the cluster's own environment: a job must not carry a key.
    key = key_for(url, os.environ)
    if key:
        headers["Authorization"] = "Bearer " + key
    return headers


def redact(text, key):
    """A text without the key, as redactKey of Longhand: as it is, percent-encoded or escaped, in hex, and in Base64 at each offset."""
    import base64
    import re

    if not key:
        return text
    if len(key) < 8:
        return text.replace(key, "…")

    def digits(value, width):
        return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in f"{value:0{width}x}")

    def character(one):
        code = ord(one)
        percent = "".join(f"%(?:25){{0,3}}{digits(byte, 2)}" for byte in one.encode())
        unicode = rf"\\{{1,4}}u{digits(code, 4)}"
        return f"(?:{percent}|{unicode}|&#0{{0,6}}{code};|&#[xX]0{{0,6}}{digits(code, 1)};|\\\\{{0,3}}{re.escape(one)})"

    secret = key.encode()
    forms = ["".join(map(character, key)), r"[\s:-]?".join(digits(byte, 2) for byte in secret)]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret).decode().rstrip("=")
        end = len(whole) - (1 if (before + len(secret)) % 3 else 0)
        own = whole[before + 1 if before else 0 : end]
        if len(own) >= 8:
            inner = {"+": "(?:[+-]|%2[bB])", "/": "(?:\\\\{0,3}[/_]|%2[fF])"}
            beside = "[A-Za-z0-9+/_-]?"
            forms.append(beside + r"\s{0,4}".join(inner.get(one, one) for one in own) + beside + "={0,2}")
    return re.sub("|".join(forms), "…", text)


def hint(url):
    if not os.environ.get("LONGHAND_API_KEY") or key_for(url, os.environ):
        return ""
    return f" LONGHAND_API_KEY was not sent: it goes to the host that LONGHAND_API_HOST names, which is not {key_name(url)}."


def ask(url, line, timeout, rate_limit=RATE_LIMIT_S, largest=LARGEST_REPLY):
    """One request with its retries. Raises Fatal where no other request could do better."""
    import http.client
    import urllib.error
    import urllib.request

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        """The key must not go elsewhere."""

        def redirect_request(self, *_):
            return None

    opener = urllib.request.build_opener(NoRedirects)
    headers = headers_for(url)
    data = json.dumps(body_of(line["request"])).encode()
    failures = waits = 0
    since = time.monotonic()
    while failures < ATTEMPTS:
        begun = time.monotonic()
        try:
            with opener.open(urllib.request.Request(url, data, headers), timeout=timeout) as answer:
                body = answer.read(largest + 1)
            if len(body) > largest:
                message = f"the reply is larger than {largest / 1e6:g} MB"
                return {"key": line["key"], "error": {"status": 0, "message": message}}
            response = json.loads(body)
            LAST_SUCCESS["at"] = time.monotonic()
            return {"key": line["key"], "ms": round((time.monotonic() - begun) * 1000), "response": response}
        except urllib.error.HTTPError as error:
            # Without the key before it is cut: half a key would not be found.
            said = redact(error.read(65536).decode("utf8", "replace"), os.environ.get("LONGHAND_API_KEY"))[:2000]
            status = error.code
            if status in FATAL or 300 <= status < 400:
                raise Fatal(f"{url} answers {status}: {said}{hint(url)}") from None
            wait = wait_of(error.headers, waits, rate_limit)
            if status not in (408, 409, 429) and status < 500:
                return {"key": line["key"], "error": {"status": status, "message": said}}
        except TimeoutError:
            return {"key": line["key"], "error": {"status": 0, "message": f"no answer within {timeout} s"}}
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = redact(f"{type(error).__name__}: {error}", os.environ.get("LONGHAND_API_KEY"))
            status, wait = 0, wait_of({}, waits)
        waits += 1
        if status not in RATE_LIMITED:
            failures += 1
        elif time.monotonic() + wait - max(since, LAST_SUCCESS["at"]) > rate_limit:
            break
        if failures < ATTEMPTS:
            time.sleep(wait)
    if status == 0:
        raise Fatal(f"{url} can't be reached from the cluster: {said}")
    return {"key": line["key"], "error": {"status": status, "message": said}}


def ask_all(url, lines, limits, threads):
    """What one task does: several requests side by side. What came before a fatal error is not lost."""
    from concurrent.futures import ThreadPoolExecutor

    results, fatal = [], None
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(ask, url, line, *limits) for line in lines]:
            try:
                results.append(future.result())
            except Fatal as error:
                fatal = str(error)
    return results, fatal


class Results:
    """Writes results so that they are kept whatever happens next, and tells them in the log where nobody reads the file."""

    def __init__(self, path, total, framed):
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        self.file = open(path, "ab")
        self.at = self.file.tell()
        self.total, self.framed, self.done, self.told = total, framed, 0, 0.0

    def add(self, result):
        text = json.dumps(result, ensure_ascii=True) + "\n"
        self.file.write(text.encode())
        self.file.flush()
        os.fsync(self.file.fileno())
        # ASCII: a character is a byte.
        for start in range(0, len(text) if self.framed else 0, PIECE):
            piece = text[start : start + PIECE]
            self.frame({"file": "results.jsonl", "at": self.at + start, "text": piece})
        self.at += len(text)
        self.done += 1
        self.progress("log")

    def progress(self, event):
        now = time.time()
        if event == "log" and now - self.told < 1 and self.done < self.total:
            return
        self.told = now
        self.frame({"t": now, "event": event, "step": self.done, "total": self.total})

    def frame(self, value):
        sys.stdout.write(MARK + json.dumps(value) + "\n")
        sys.stdout.flush()


def with_tasks(ray, args, lines):
    threads = max(1, -(-args.concurrency // args.shards))
    size = max(1, min(PER_TASK, threads, -(-len(lines) // args.shards)))
    waiting = [lines[i : i + size] for i in range(0, len(lines), size)]
    # Tasks wait for a server: they need next to nothing of a processor.
    task = ray.remote(num_cpus=0.1, max_retries=2)(ask_all)
    limits = (args.timeout, args.rate_limit_seconds, args.max_reply_bytes)
    running = []
    while waiting or running:
        while waiting and len(running) < max(1, args.concurrency // size):
            running.append(task.remote(args.url, waiting.pop(0), limits, threads))
        ready, running = ray.wait(running, num_returns=1)
        results, fatal = ray.get(ready[0])
        yield from results
        if fatal is not None:
            # Those under way are paid for: their answers are waited for, and no other is begun.
            for rest in ray.get(running):
                yield from rest[0]
            raise Fatal(fatal)


class Sessions:
    """Makes the sessions of one process, which together have at most `limit` requests in flight."""

    def __init__(self, timeout, limit):
        self.timeout, self.limit, self.gate = timeout, limit, None

    def __call__(self):
        import asyncio

        import aiohttp

        # Made where it is used: it can't be sent to another process.
        gate = self.gate = self.gate or asyncio.Semaphore(self.limit)

        async def enter(_session, _context, _params):
            await gate.acquire()

        async def leave(_session, _context, _params):
            gate.release()

        async def refuse(_session, _context, params):
            raise RuntimeError(f"{params.url} answers with a redirect, which is not followed.")

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(enter)
        trace.on_request_end.append(leave)
        trace.on_request_exception.append(leave)
        trace.on_request_redirect.append(refuse)
        # aiohttp's own limit of five minutes would end a long chain of thought.
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.timeout), trace_configs=[trace])


def http_sizes(args, count):
    """Processes, requests in flight of each, and blocks, which are what is lost when one fails."""
    shards = max(1, min(args.shards, args.concurrency))
    each = max(1, args.concurrency // shards)
    return shards, each, max(1, -(-count // max(each, PER_TASK)))


def with_http(ray, args, lines):
    shards, each, blocks = http_sizes(args, len(lines))
    # The processor asks the requests of a batch one after the other, and by itself has four batches of a block under way.
    os.environ["RAY_DATA_DEFAULT_ASYNC_BATCH_UDF_MAX_CONCURRENCY"] = str(each)
    from ray.data.llm import HttpRequestProcessorConfig, build_processor

    if hint(args.url):
        print(hint(args.url).strip(), flush=True)
    config = HttpRequestProcessorConfig(
        url=args.url,
        headers=headers_for(args.url),
        batch_size=1,
        concurrency=shards,
        max_retries=ATTEMPTS,
        session_factory=Sessions(args.timeout, each),
    )
    processor = build_processor(
        config,
        preprocess=lambda row: {"payload": body_of(json.loads(row["line"])["request"])},
        postprocess=lambda row: {"key": json.loads(row["line"])["key"], "response": json.dumps(row["http_response"])},
    )
    # Texts: the columns of a table would be of one shape for all rows.
    rows = ray.data.from_items([{"line": json.dumps(line)} for line in lines], override_num_blocks=blocks)
    for row in processor(rows).iter_rows():
        yield {"key": row["key"], "ms": 0, "response": json.loads(row["response"])}


def finish_of(row, max_tokens, context):
    """Who used all tokens, or all of the model's context, was cut off. context: 0 where it is not known."""
    if isinstance(row.get("finish_reason"), str):
        return row["finish_reason"]
    completion = int(row.get("num_generated_tokens") or 0)
    total = int(row.get("num_input_tokens") or 0) + completion
    return "length" if completion >= max_tokens or 0 < context <= total else "stop"


def context_of(model):
    """Tokens of a model's context as vLLM takes it; 0 where its configuration does not simply say."""
    try:
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(model, trust_remote_code=False).get_text_config()
        scaled = getattr(config, "rope_scaling", None) or getattr(config, "rope_parameters", None) or {}
        return 0 if "factor" in json.dumps(scaled) else int(getattr(config, "max_position_embeddings", 0) or 0)
    except Exception as error:
        print(f"The context of {model} is unknown: {type(error).__name__}. A truncated answer can be reported as complete.", flush=True)
        return 0


def without_gpus(ray):
    """What ray.data.llm needs to be told where no node has a GPU: by itself it waits for one for ever."""
    from importlib.metadata import PackageNotFoundError, version

    if ray.cluster_resources().get("GPU"):
        return {}
    try:
        for_cpus = "cpu" in version("vllm")
    except PackageNotFoundError:
        for_cpus = False
    if for_cpus:
        print("No node has a GPU: this vLLM build uses CPUs.", flush=True)
        return {"placement_group_config": {"bundle_per_worker": {"CPU": 1}}}
    print("No node has a GPU: vLLM waits until one has. Stop the round if none will come.", flush=True)
    return {}


def with_vllm(ray, args, lines):
    from ray.data.llm import build_processor, vLLMEngineProcessorConfig

    longest = max(line["request"]["sampling"]["maxTokens"] for line in lines)
    engine = {"enable_prefix_caching": True, "tensor_parallel_size": args.tensor_parallel}
    # Else a model's own generation_config.json would decide what Longhand does not say.
    engine["generation_config"] = "vllm"
    if args.max_model_len:
        engine["max_model_len"] = args.max_model_len
    engine.update(args.vllm_args)
    config = vLLMEngineProcessorConfig(
        model_source=args.model, engine_kwargs=engine, concurrency=args.shards, batch_size=64, **without_gpus(ray)
    )

    context = args.max_model_len or context_of(args.model)

    def before(row):
        request = json.loads(row["line"])["request"]
        sampling = request["sampling"]
        return {
            "messages": request["messages"],
            "sampling_params": {
                "temperature": sampling["temperature"],
                "top_p": sampling["topP"],
                "max_tokens": sampling["maxTokens"],
                "seed": request["seed"],
            },
        }

    def after(row):
        completion = int(row.get("num_generated_tokens") or 0)
        finish = finish_of(row, json.loads(row["line"])["request"]["sampling"]["maxTokens"], context)
        response = {
            "choices": [{"message": {"content": row["generated_text"]}, "finish_reason": finish}],
            "usage": {"prompt_tokens": int(row.get("num_input_tokens") or 0), "completion_tokens": completion},
        }
        return {"key": json.loads(row["line"])["key"], "response": json.dumps(response)}

    print(f"vLLM loads {args.model}; at most {longest} tokens an answer; vLLM chooses the batch size.", flush=True)
    rows = ray.data.from_items([{"line": json.dumps(line)} for line in lines])
    for row in build_processor(config, preprocess=before, postprocess=after)(rows).iter_rows():
        yield {"key": row["key"], "ms": 0, "response": json.loads(row["response"])}


WAYS = {
    "vllm": (with_vllm, "ray.data.llm with vLLM"),
    "http": (with_http, "ray.data.llm's HTTP processor"),
    "tasks": (with_tasks, "plain Ray tasks over HTTP"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", required=True)
    parser.add_argument("--results", required=True)
    parser.add_argument("--how", choices=list(WAYS), default="tasks")
    parser.add_argument("--url")
    parser.add_argument("--model")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=3600)
    parser.add_argument("--rate-limit-seconds", type=float, default=RATE_LIMIT_S)
    parser.add_argument("--max-reply-bytes", type=int, default=LARGEST_REPLY)
    parser.add_argument("--tensor-parallel", type=int, default=1)
    parser.add_argument("--max-model-len", type=int, default=0)
    parser.add_argument("--vllm-args", type=json.loads, default={}, help="JSON: more arguments of vLLM's engine")
    parser.add_argument("--unframed", action="store_true", help="the results are read from their file")
    args = parser.parse_args()

    import ray

    with open(args.requests, encoding="utf8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    ray.init(log_to_driver=False)
    sample, words = WAYS[args.how]
    results = Results(args.results, len(lines), not args.unframed)
    print(f"{len(lines)} requests by {words}.", flush=True)
    results.progress("begin")
    try:
        for result in sample(ray, args, lines):
            results.add(result)
    except Fatal as error:
        results.frame({"t": time.time(), "event": "error", "message": str(error)[:500]})
        sys.exit(3)
    results.progress("end")


if __name__ == "__main__":
    main()
