"""Rows of a Longhand export as tokens and labels: what is trained is what the loss mask says, and nothing else.

A row is rendered as the model will be asked: the chat template's prompt for all turns but the last, the answer exactly as it stands, and
what the template writes after an answer. src/core/training/render.ts does the same, so that the mask can be looked at without Python.
"""

import json

# A private-use character: no template does anything with it.
PLACEHOLDER = "\ue000"
IGNORED = -100
# For a model without a template, such as a base model. It is saved with the trained model, so that it is asked in the same way.
PLAIN_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}\n\n{% endif %}{% endfor %}"


def messages_of(row):
    """Of any form of row: messages; prompt and completion as lists of them; or both as texts, which are a question and its answer."""
    if "messages" in row:
        return row["messages"]
    if isinstance(row["prompt"], str):
        return [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}]
    return row["prompt"] + row["completion"]


def read_rows(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                row = json.loads(line)
                yield messages_of(row), row.get("loss_mask", [])


def render(tokenizer, messages):
    """@return the text before the answer, the answer, and the text after it. They are joined without anything in between."""
    *turns, last = messages
    if last["role"] != "assistant":
        raise ValueError("the last message is not the assistant's")
    before = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    probe = tokenizer.apply_chat_template(
        [*turns, {"role": "assistant", "content": PLACEHOLDER}], tokenize=False, add_generation_prompt=False
    )
    _, found, after = probe.rpartition(PLACEHOLDER)
    if not found:
        raise ValueError("the chat template omits the answer")
    eos = tokenizer.eos_token or ""
    if eos and eos not in after:
        after = eos
    return before, last["content"], after


def trained_flags(answer, mask, prefilled=0):
    """One flag a code point of the answer. What no run covers is trained; text that is masked by one run is masked; so is what the prompt holds already."""
    flags = [True] * len(answer)
    for run in mask:
        if not run["train"]:
            for at in range(max(0, run["start"]), min(len(answer), run["end"])):
                flags[at] = False
    for at in range(min(prefilled, len(answer))):
        flags[at] = False
    return flags


def prefilled_length(before, answer):
    """Code points at the beginning of the answer that the prompt ends with: a template that writes <think> for the model."""
    for opening in ("<think>\n", "<think>"):
        if before.endswith(opening) and answer.startswith(opening):
            return len(opening)
    return 0


def tokenise(tokenizer, messages, mask):
    """@return input_ids and labels. A token is trained when every character of it is: masked text never is, not even in part."""
    before, answer, after = render(tokenizer, messages)
    prefilled = prefilled_length(before, answer)
    start = len(before) - prefilled
    text = before[:start] + answer + after
    # The end that the model must learn to write: up to the last end-of-sequence token of what follows; a newline behind it is not written by it.
    eos = tokenizer.eos_token or ""
    stop = after.rfind(eos) + len(eos) if eos and eos in after else len(after)
    flags = [False] * start + trained_flags(answer, mask, prefilled) + [at < stop for at in range(len(after))]
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = coded["input_ids"]
    labels = [
        token if first < end and all(flags[first:end]) else IGNORED
        for token, (first, end) in zip(ids, coded["offset_mapping"], strict=True)
    ]
    return ids, labels


def give_template(tokenizer, path=None):
    """Sets the template of a file, or a plain one where the model has none. @return whether it had none."""
    had = tokenizer.chat_template is not None
    if path is not None:
        with open(path, encoding="utf-8") as file:
            tokenizer.chat_template = file.read()
    elif not had:
        tokenizer.chat_template = PLAIN_TEMPLATE
    return not had


def load_tokenizer(model, template=None):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    if not tokenizer.is_fast:
        raise ValueError(f"the tokenizer of {model} does not report the positions of its tokens")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    return tokenizer, give_template(tokenizer, template)
