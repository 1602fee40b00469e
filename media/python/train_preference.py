"""DPO or KTO with TRL on the rows of a Longhand export.

    python train_preference.py --config dpo.yaml [--resume out/checkpoint-12] [--epochs 3] [--max-steps 100]

Needs torch, transformers, trl, datasets and accelerate; peft for LoRA.
"""

import os
import sys

# The folder of this script comes last, so that no file beside it can stand for a package.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE] + [HERE]

from train_sft import LonghandNoRows, adapter, arguments, datasets_of, loaded, read_config, run, settings_of


def texts(renderer, prompt, answers):
    """The prompt as the model's chat template renders it, and each answer exactly as it is, up to the end that the model must write.

    As texts, so that no template can remove the reasoning. TRL tokenises them.
    """
    from longhand_rows import prefilled_length

    befores, ended = [], []
    for answer in answers:
        row = renderer.render([*prompt, *answer])
        # Where the prompt opens the thought for the model, the answer begins behind it.
        opened = 0 if row["thought"] else prefilled_length(row["before"], row["answer"])
        after, eos = row["after"], renderer.eos
        end = after[: after.rfind(eos) + len(eos)] if eos and eos in after else after
        befores.append(row["before"])
        ended.append(row["opening"] + row["thought"] + row["closing"] + row["answer"][opened:] + end)
    # With and without a thought, a template may write another end of the prompt.
    common = os.path.commonprefix(befores)
    ended = [before[len(common) :] + answer for before, answer in zip(befores, ended, strict=True)]
    return without_bos(renderer.tokenizer, common), ended


def without_bos(tokenizer, text):
    """The tokenizer adds it to texts."""
    bos = tokenizer.bos_token
    adds = bos and tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id
    return text[len(bos) :] if adds and text.startswith(bos) else text


def rows_of(tokenizer, path):
    from longhand_rows import Renderer, read_lines

    renderer = Renderer(tokenizer)
    for row in read_lines(path):
        if "label" in row:
            prompt, (completion,) = texts(renderer, row["prompt"], [row["completion"]])
            yield {"prompt": prompt, "completion": completion, "label": row["label"]}
        else:
            prompt, (chosen, rejected) = texts(renderer, row["prompt"], [row["chosen"], row["rejected"]])
            yield {"prompt": prompt, "chosen": chosen, "rejected": rejected}


def main():
    given = arguments()
    objective, config = read_config(given.config, ("dpo", "kto"))

    import trl
    from longhand_progress import LonghandProgress
    from longhand_rows import load_tokenizer

    settings = settings_of(config[objective], given)
    arguments_of, trainer_of = (getattr(trl, objective.upper() + end) for end in ("Config", "Trainer"))
    args = arguments_of(**settings)

    def make():
        tokenizer, plain = load_tokenizer(config["model"], config.get("chat_template"))
        if plain:
            print("The model has no chat template; a plain one is used.", flush=True)
        rows = list(rows_of(tokenizer, config["rows"]))
        if not rows:
            raise LonghandNoRows("There are no rows.")
        held = list(rows_of(tokenizer, config["validation"])) if config.get("validation") else []
        model, lora = loaded(config, args)
        trainer = trainer_of(
            model=model,
            args=args,
            **datasets_of(rows, held, args),
            processing_class=tokenizer,
            callbacks=[LonghandProgress()],
            **({"peft_config": adapter(config)} if lora else {}),
        )
        return trainer, tokenizer, lora

    run(make, args.output_dir, given)


if __name__ == "__main__":
    main()
