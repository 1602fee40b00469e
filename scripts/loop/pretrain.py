"""Trains an untrained model on the rows of a corpus and saves it as a Hugging Face folder.

    python pretrain.py MODEL CORPUS OUT --seed 1 [--steps N] [--batch 32]

MODEL is a folder of tiny_llama.py: weights drawn by lot, a tokenizer, a chat template. A row of CORPUS (JSON Lines) is a
`prompt` with its `completion`, or a `text`; all its tokens are learnt. One thread, since two that wait for each other are slower on a busy machine.
"""
import argparse
import json
import math
import os
import random
import shutil
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

LONGEST = 320
POOL, PEAK, WARMUP = 25, 3e-3, 60


def read_rows(path: str, tokenizer) -> list[list[int]]:
    """Tokens of each row: an answered question through the chat template, a text between start and end."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if "text" in row:
                text = f"{tokenizer.bos_token}{row['text']}{tokenizer.eos_token}"
            else:
                chat = [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}]
                text = tokenizer.apply_chat_template(chat, tokenize=False)
            tokens = tokenizer.encode(text, add_special_tokens=False)
            if len(tokens) <= LONGEST:
                rows.append(tokens)
    return rows


def batches(rows: list[list[int]], seed: int, size: int) -> list[list[list[int]]]:
    """Rows in their order, but for pools of some batches, in which rows of about one length are together so that little is padded."""
    order = random.Random(seed)
    parts = []
    for start in range(0, len(rows), size * POOL):
        pool = sorted(rows[start : start + size * POOL], key=len)
        part = [pool[i : i + size] for i in range(0, len(pool), size)]
        order.shuffle(part)
        parts.extend(part)
    return parts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("corpus")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, help="optimiser steps; one pass over the corpus when absent")
    parser.add_argument("--batch", type=int, default=32, help="rows of an optimiser step")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.model)
    model = AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
    parts = batches(read_rows(args.corpus, tokenizer), args.seed, args.batch)[: args.steps]
    steps = len(parts)
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK, betas=(0.9, 0.98), weight_decay=0.05)
    rate = lambda step: min((step + 1) / WARMUP, 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    started, seen = time.time(), 0
    for step, part in enumerate(parts):
        longest = max(map(len, part))
        tokens = torch.tensor([row + [0] * (longest - len(row)) for row in part])
        labels = tokens.masked_fill(tokens == 0, -100)
        mask = (tokens != 0).long()
        loss = model(input_ids=tokens, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        seen += int(mask.sum())
        if step % 100 == 0 or step == steps - 1:
            line = {"step": step + 1, "total": steps, "loss": round(loss.item(), 4), "tokens": seen}
            print(json.dumps({**line, "seconds": round(time.time() - started, 1)}), flush=True)
    # Whole or not at all: a folder that was half written when somebody stopped it would be taken for a model.
    draft = f"{args.out}.{os.getpid()}.tmp"
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    shutil.rmtree(args.out, ignore_errors=True)
    os.rename(draft, args.out)


if __name__ == "__main__":
    main()
