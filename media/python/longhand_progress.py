"""Tells what a training says of itself as lines of JSON: into the file LONGHAND_PROGRESS, and with LONGHAND_FRAMES=1 on stdout too."""

import json
import math
import os
import time

from transformers import TrainerCallback

KEYS = {"loss": "loss", "learning_rate": "lr", "grad_norm": "gradNorm", "epoch": "epoch", "num_tokens": "tokens"}


class LonghandDiverged(RuntimeError):
    pass


def tell(event, **facts):
    line = json.dumps({"t": time.time(), "event": event, **facts})
    path = os.environ.get("LONGHAND_PROGRESS")
    if path:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        # One write a line: a reader never sees the half of one, and a killed process leaves at most one torn.
        with open(path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    if os.environ.get("LONGHAND_FRAMES") == "1":
        print("@@LONGHAND " + line, flush=True)


def place(path):
    """A folder as the run knows it: relative to that of the progress file, where it lies below."""
    base = os.path.dirname(os.path.abspath(os.environ.get("LONGHAND_PROGRESS") or "progress.jsonl"))
    whole = os.path.abspath(path)
    return os.path.relpath(whole, base) if whole.startswith(base + os.sep) else whole


def diverged(what, first):
    """Ends a training whose numbers are none any more: all that came after would be a model of nothing. @param first whether this process tells."""
    if first:
        tell("error", message=what)
    raise LonghandDiverged(what)


class LonghandProgress(TrainerCallback):
    def on_train_begin(self, args, state, control, **_):
        # By itself transformers logs 0 or an average in place of a loss that is no number.
        args.logging_nan_inf_filter = False
        if state.is_world_process_zero:
            tell("begin", step=state.global_step, total=state.max_steps)

    def on_log(self, args, state, control, logs=None, **_):
        if logs and state.is_world_process_zero and math.isfinite(logs.get("eval_loss", math.nan)):
            tell("eval", step=state.global_step, total=state.max_steps, loss=float(logs["eval_loss"]))
        if not logs or "loss" not in logs:
            return
        found = {ours: float(logs[theirs]) for theirs, ours in KEYS.items() if theirs in logs}
        # Not a number is no JSON, and no loss either.
        facts = {name: value for name, value in found.items() if math.isfinite(value)}
        if "tokens" in facts:
            facts["tokens"] = int(facts["tokens"])
        first = state.is_world_process_zero
        if first and "loss" in facts:
            tell("log", step=state.global_step, total=state.max_steps, **facts)
        # Every process sees the same numbers, so that all of them end and none waits for another.
        if "loss" not in facts:
            diverged(f"The loss is not a number at step {state.global_step}.", first)
        # In half precision a gradient that is too large is common: its step is left out, and the scale lowered.
        if "gradNorm" in found and "gradNorm" not in facts and not args.fp16:
            diverged(f"The gradient is not a number at step {state.global_step}.", first)

    def on_save(self, args, state, control, **_):
        if state.is_world_process_zero:
            folder = os.path.join(args.output_dir, f"checkpoint-{state.global_step}")
            tell("save", step=state.global_step, total=state.max_steps, checkpoint=place(folder))
