"""Serves a Llama folder with an OpenAI-compatible chat API, for experiments on a CPU.

    python batch_server.py serve MODEL --host 127.0.0.1 --port PORT [--rows 96] [--processes N]

All replies in flight are one batch: a step takes one token of each. The messages before the last one are evaluated once. All rows attend to
them as one block. The other tokens of a prompt pass through the same steps as the reply. Sampling: temperature and top-p over all tokens,
with a random number generator for each request. Weights are in single precision. The answer is one JSON object,
also if a stream is requested. Each process has a model, a batch and one thread, and the system divides the requests among them. By default
there are OMP_NUM_THREADS processes, else one.
"""

import argparse
import json
import os
import random
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
import torch.nn.functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer

# Tokens of a request after the shared messages, reply included.
OWN = 224
# Tokens that are sorted first. The nucleus is seldom larger; then all are sorted.
LIKELIEST = 128


class Request:
    def __init__(self, prefix, tokens, body):
        self.prefix, self.tokens, self.prompt = prefix, tokens, len(tokens)
        self.temperature, self.top_p = body.get("temperature", 1), body.get("top_p", 1)
        self.limit = min(body["max_tokens"], OWN - len(tokens))
        self.random = random.Random(body.get("seed"))
        self.position, self.finish, self.done = 0, "length", threading.Event()

    @property
    def reply(self):
        return self.tokens[self.prompt :]


class Batch:
    """The model, and the keys and values of up to `rows` requests with the same prefix."""

    def __init__(self, folder, rows):
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        config = self.model.config
        ends = self.model.generation_config.eos_token_id
        self.ends = set(ends if isinstance(ends, list) else [ends]) | {self.tokenizer.eos_token_id}
        self.kv, self.group = config.num_key_value_heads, config.num_attention_heads // config.num_key_value_heads
        self.size = config.hidden_size // config.num_attention_heads
        self.keys, self.values = torch.zeros(2, config.num_hidden_layers, rows, self.kv, OWN, self.size)
        self.rows, self.active, self.prefix, self.shared = rows, [], None, []
        self.waiting, self.arrived = deque(), threading.Condition()

    def ids(self, messages, generation):
        return self.tokenizer.apply_chat_template(messages, add_generation_prompt=generation, return_dict=False)

    def submit(self, body):
        ids = self.ids(body["messages"], True)
        prefix = self.ids(body["messages"][:-1], False) if len(body["messages"]) > 1 else []
        if ids[: len(prefix)] != prefix:
            prefix = []
        if len(ids) - len(prefix) >= OWN:
            raise ValueError(f"the last message has more than {OWN} tokens")
        request = Request(tuple(prefix), ids[len(prefix) :], body)
        with self.arrived:
            self.waiting.append(request)
            self.arrived.notify()
        request.done.wait()
        return request

    def run(self):
        with torch.inference_mode():
            while True:
                self.admit()
                self.step()

    def admit(self):
        """Takes the waiting requests that have the prefix of the active ones, as far as rows are free."""
        with self.arrived:
            while not self.active and not self.waiting:
                self.arrived.wait()
            if not self.active and self.waiting[0].prefix != self.prefix:
                self.prefix = self.waiting[0].prefix
                self.shared = self.evaluate(self.prefix)
            others = deque()
            while self.waiting and len(self.active) < self.rows:
                request = self.waiting.popleft()
                (self.active if request.prefix == self.prefix else others).append(request)
            self.waiting.extendleft(reversed(others))

    def evaluate(self, prefix):
        """Keys and values of the shared tokens, for each layer."""
        if not prefix:
            empty = torch.zeros(self.kv, 0, self.size)
            return [(empty, empty)] * self.model.config.num_hidden_layers
        cache = self.model(torch.tensor([prefix]), use_cache=True, logits_to_keep=1).past_key_values
        return [(layer.keys[0], layer.values[0]) for layer in cache.layers]

    def step(self):
        rows = self.active
        positions = torch.tensor([row.position for row in rows])
        hidden = self.forward(torch.tensor([row.tokens[row.position] for row in rows]), positions)
        for row in rows:
            row.position += 1
        writing = [at for at, row in enumerate(rows) if row.position == len(row.tokens)]
        ended = []
        if writing:
            logits = self.model.lm_head(hidden[writing])
            for at, token in zip(writing, choose(logits, [rows[one] for one in writing])):
                row = rows[at]
                if token in self.ends:
                    row.finish = "stop"
                else:
                    row.tokens.append(token)
                if row.finish == "stop" or len(row.reply) >= row.limit:
                    ended.append(at)
        for at in reversed(ended):
            self.remove(at)

    def remove(self, at):
        """The last row takes the place of one that ended, so that active rows stay adjacent."""
        last = self.active.pop()
        if at == len(self.active):
            return last.done.set()
        self.active[at].done.set()
        self.active[at] = last
        for cache in (self.keys, self.values):
            cache[:, at] = cache[:, len(self.active)]

    def forward(self, tokens, positions):
        """The normalised hidden state of one token of each row; its keys and values are stored at `positions`."""
        llama, count = self.model.model, len(tokens)
        x = llama.embed_tokens(tokens)
        cos, sin = llama.rotary_emb(x[None], (positions + len(self.prefix))[None])
        cos, sin = cos[0][:, None], sin[0][:, None]
        length, each = int(positions.max()) + 1, torch.arange(count)
        future = torch.arange(length) > positions[:, None]
        for at, layer in enumerate(llama.layers):
            attention, normal = layer.self_attn, layer.input_layernorm(x)
            query, key = (
                rotated(project(normal).view(count, -1, self.size), cos, sin)
                for project in (attention.q_proj, attention.k_proj)
            )
            keys, values = self.keys[at], self.values[at]
            keys[each, :, positions] = key
            values[each, :, positions] = attention.v_proj(normal).view(count, self.kv, self.size)
            x = x + attention.o_proj(self.attend(query * self.size**-0.5, keys, values, at, future))
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return llama.norm(x)

    def attend(self, query, keys, values, at, future):
        """Attention to the shared block and to the row's own tokens, under one softmax."""
        count, length = future.shape
        query = query.view(count, self.kv, self.group, self.size)
        shared_keys, shared_values = self.shared[at]
        together = query.transpose(0, 1).reshape(self.kv, count * self.group, self.size)
        before = (together @ shared_keys.transpose(1, 2)).view(self.kv, count, self.group, -1).transpose(0, 1)
        own = query @ keys[:count, :, :length].transpose(2, 3)
        own = own.masked_fill(future[:, None, None], float("-inf"))
        weights = torch.cat([before, own], -1).softmax(-1)
        before, own = weights.split([shared_keys.shape[1], length], -1)
        before = before.transpose(0, 1).reshape(self.kv, count * self.group, -1) @ shared_values
        before = before.view(self.kv, count, self.group, self.size).transpose(0, 1)
        return (before + own @ values[:count, :, :length]).reshape(count, -1)


def rotated(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def choose(logits, rows):
    """The next token of each row."""
    temperatures = torch.tensor([max(row.temperature, 1e-4) for row in rows])
    shares = F.softmax(logits / temperatures[:, None], -1)
    likeliest, ids = shares.topk(min(LIKELIEST, shares.shape[-1]), -1)
    tokens = []
    for at, row in enumerate(rows):
        share, found = likeliest[at], ids[at]
        if share.sum() < row.top_p:
            share, found = shares[at].sort(descending=True)
        sums = share.cumsum(-1)
        kept = int((sums - share < row.top_p).sum())
        place = torch.searchsorted(sums[:kept], row.random.random() * sums[kept - 1], right=True)
        tokens.append(int(found[min(int(place), kept - 1)]))
    return tokens


def handler(batch, name):
    class Handler(BaseHTTPRequestHandler):
        def send(self, status, value):
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.send(200, {"status": "ok", "object": "list", "data": [{"id": name, "object": "model"}]})

        def do_POST(self):
            if self.path != "/v1/chat/completions" or self.headers.get("Origin"):
                return self.send(404, {"error": {"message": f"There is no {self.path} here."}})
            try:
                request = batch.submit(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            except (KeyError, TypeError, ValueError) as error:
                return self.send(400, {"error": {"message": str(error)}})
            text = batch.tokenizer.decode(request.reply, skip_special_tokens=True)
            usage = {
                "prompt_tokens": len(request.prefix) + request.prompt,
                "completion_tokens": len(request.reply),
            }
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": request.finish}
            self.send(200, {"object": "chat.completion", "model": name, "choices": [choice], "usage": usage})

        def log_message(self, *_):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    # All processes listen on the same port.
    allow_reuse_port = True


def fork(processes):
    """Starts the other processes. All end when one of them ends."""
    first = os.getpid()
    for _ in range(processes - 1):
        if os.fork() == 0:
            break

    def watch():
        if os.getpid() == first:
            os.wait()
        else:
            while os.getppid() == first:
                time.sleep(1)
        os._exit(1)

    if processes > 1:
        threading.Thread(target=watch, daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["serve"])
    parser.add_argument("model")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rows", type=int, default=96)
    parser.add_argument("--processes", type=int, default=int(os.environ.get("OMP_NUM_THREADS", "1")))
    flags = parser.parse_args()
    torch.set_num_threads(1)
    fork(flags.processes)
    batch = Batch(flags.model, flags.rows)
    server = Server((flags.host, flags.port), handler(batch, flags.model))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    batch.run()


if __name__ == "__main__":
    main()
