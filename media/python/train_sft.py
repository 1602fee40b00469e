"""Supervised fine-tuning with TRL on the rows of a Longhand export, with the exact loss mask.

    python train_sft.py --config sft.yaml [--resume out/checkpoint-12] [--epochs 3] [--max-steps 100]

Needs torch, transformers, trl, datasets and accelerate; peft for LoRA.
"""

import os
import sys

# The folder of this script comes last, so that no file beside it can stand for a package.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE] + [HERE]

import argparse
import shutil

import yaml


class LonghandConfigError(ValueError):
    pass


class LonghandNoRows(ValueError):
    pass


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--resume")
    parser.add_argument("--epochs", type=float)
    parser.add_argument("--max-steps", type=int)
    return parser.parse_args()


def read_config(path, sections):
    """@return the name of the section that the file has of `sections`, and the configuration."""
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    found = [name for name in sections if isinstance(config, dict) and isinstance(config.get(name), dict)]
    if len(found) != 1:
        raise LonghandConfigError(f"{path} has no section “{'” or “'.join(sections)}”")
    unknown = set(config) - {"model", "rows", "validation", "max_length", "lora", "chat_template", "empty_thoughts", *found}
    if unknown:
        raise LonghandConfigError(f"{path} has {', '.join(sorted(unknown))}, which are unknown fields; settings of TRL belong under {found[0]}")
    return found[0], config


def settings_of(section, given):
    """The settings of TRL, with those of the command line. Limits the threads of torch first."""
    import torch

    threads = os.environ.get("OMP_NUM_THREADS")
    if threads:
        torch.set_num_threads(int(threads))
    settings = dict(section)
    if given.epochs is not None:
        settings.update(num_train_epochs=given.epochs, max_steps=-1)
    if given.max_steps is not None:
        settings["max_steps"] = given.max_steps
    return settings


def tokenised(tokenizer, config, path, noun="rows"):
    """@return the rows of a file that can be trained on, and says how many were cut or left out."""
    from longhand_rows import IGNORED, Renderer, read_rows, tokenise

    limit = config.get("max_length")
    rows, cut, empty = [], 0, 0
    renderer = Renderer(tokenizer, bool(config.get("empty_thoughts")))
    for messages, mask in read_rows(path):
        ids, labels = tokenise(renderer, messages, mask)
        if limit and len(ids) > limit:
            cut += 1
            ids, labels = ids[:limit], labels[:limit]
        if all(label == IGNORED for label in labels):
            empty += 1
            continue
        rows.append({"input_ids": ids, "labels": labels})
    # Of several processes, one for each GPU, the first one speaks.
    if os.environ.get("RANK", "0") == "0":
        print(f"{len(rows)} {noun}; {cut} truncated at {limit} tokens, {empty} filtered out without a trained token.", flush=True)
    return rows


def datasets_of(rows, held, args):
    """The rows for training and for validation as arguments of a trainer, which refuses an evaluation without rows."""
    from datasets import Dataset

    if not held:
        args.eval_strategy = "no"
    return {"train_dataset": Dataset.from_list(rows), "eval_dataset": Dataset.from_list(held) if held else None}


def loaded(config, sft):
    import torch
    from transformers import AutoModelForCausalLM

    dtype = torch.bfloat16 if sft.bf16 else torch.float16 if sft.fp16 else torch.float32
    # Mixed precision keeps the weights that are trained in full; an adapter's base may be small.
    lora = (config.get("lora") or {}).get("r", 0) > 0
    return AutoModelForCausalLM.from_pretrained(
        config["model"], dtype=dtype if lora else torch.float32, trust_remote_code=False
    ), lora


def adapter(config):
    from peft import LoraConfig

    wanted = config["lora"]
    return LoraConfig(task_type="CAUSAL_LM", lora_alpha=wanted.get("alpha", 2 * wanted["r"]), **{k: v for k, v in wanted.items() if k != "alpha"})


def save(trainer, tokenizer, folder, lora):
    """Under its name only when it is whole. A LoRA adapter is kept apart, and merged into the model that is served."""
    draft = folder + ".part"
    shutil.rmtree(draft, ignore_errors=True)
    model = trainer.accelerator.unwrap_model(trainer.model)
    if lora:
        model.save_pretrained(os.path.join(os.path.dirname(folder), "adapter"))
        model = model.merge_and_unload()
    model.save_pretrained(draft)
    tokenizer.save_pretrained(draft)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(draft, folder)


def run(make, output_dir, given):
    """Trains, and saves the model. `make` returns the trainer, its tokenizer and whether it trains an adapter."""
    import torch
    from longhand_progress import LonghandDiverged, diverged, place, tell

    try:
        trainer, tokenizer, lora = make()
        trainer.train(resume_from_checkpoint=given.resume)
        # The last step may have come after the last loss that was told.
        if not all(torch.isfinite(weights).all() for weights in trainer.model.parameters()):
            diverged("The weights are not numbers.", trainer.is_world_process_zero())
        folder = os.path.join(output_dir, "final")
        if trainer.is_world_process_zero():
            save(trainer, tokenizer, folder, lora)
            tell("end", step=trainer.state.global_step, total=trainer.state.max_steps, checkpoint=place(folder))
    except LonghandDiverged:
        raise
    except Exception as error:
        tell("error", message=f"{type(error).__name__}: {error}"[:500])
        raise


def main():
    given = arguments()
    _, config = read_config(given.config, ("sft",))

    from longhand_progress import LonghandProgress
    from longhand_rows import load_tokenizer
    from trl import SFTConfig, SFTTrainer

    # Rows are cut, and counted, before they come to the trainer.
    sft = SFTConfig(**{**settings_of(config["sft"], given), "max_length": None})

    def make():
        tokenizer, plain = load_tokenizer(config["model"], config.get("chat_template"))
        if plain:
            print("The model has no chat template; a plain one is used.", flush=True)
        rows = tokenised(tokenizer, config, config["rows"])
        if not rows:
            raise LonghandNoRows("No row has a trained token.")
        held = tokenised(tokenizer, config, config["validation"], "rows for validation") if config.get("validation") else []
        model, lora = loaded(config, sft)
        trainer = SFTTrainer(
            model=model,
            args=sft,
            **datasets_of(rows, held, sft),
            processing_class=tokenizer,
            callbacks=[LonghandProgress()],
            **({"peft_config": adapter(config)} if lora else {}),
        )
        return trainer, tokenizer, lora

    run(make, sft.output_dir, given)


if __name__ == "__main__":
    main()
