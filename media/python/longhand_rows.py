"""Rows of a Longhand export as tokens and labels: what is trained is what the loss mask says, and nothing else.

A row is rendered as the model will be asked: the chat template's prompt for all turns but the last, the thought and the answer exactly as they
stand, and what the template writes around them. src/core/training/render.ts does the same, so that the mask can be looked at without Python.
"""

import json
import re

# Private-use characters: no template does anything with them. They stand for an answer and a thought.
ANSWER = "\ue000"
THOUGHT = "\ue001"
# Members of a message that templates read a thought from.
FIELDS = ("reasoning_content", "thinking")
THINK = ("<think>\n", "\n</think>\n\n")
# Variables by which templates switch thinking on or off.
ON = {"enable_thinking": True, "thinking": True}
OFF = {"enable_thinking": False, "thinking": False}
# Where a prompt ends inside a thought that it opened: <think>, or the channel of Gemma 4.
OPENED = re.compile(r"(?:<think>|<\|channel>thought)\s*\Z")
# An empty thought at the end of a text, in parts.
EMPTY_THOUGHT = re.compile(r"(<think>|<\|channel>thought\n)(\s*)(</think>|<channel\|>)(\s*)\Z")
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


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def read_rows(path):
    for row in read_lines(path):
        yield messages_of(row), row.get("loss_mask", [])


def conversations_of(row):
    """The conversations of a row with their masks: two of a pair, which has no mask."""
    if "chosen" in row:
        return [(row["prompt"] + row[side], []) for side in ("chosen", "rejected")]
    return [(messages_of(row), row.get("loss_mask", []))]


def thought_of(message):
    """The thought of a message beside its content; empty if it has none."""
    thought = message.get("reasoning_content") or message.get("thinking") or ""
    return thought if thought.strip() else ""


class Renderer:
    """A tokenizer's chat template for many rows."""

    def __init__(self, tokenizer, empty_thoughts=False):
        """@param empty_thoughts: the empty thinking tags that the template writes are part of rows without a thought, and trained."""
        self.tokenizer = tokenizer
        self.empty_thoughts = empty_thoughts
        self.eos = tokenizer.eos_token or ""
        self._field = self._tags = None

    def by_template(self, messages, prompt, thinking=None):
        return self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt, **(thinking or {}))

    def probe(self, answers, thinking, prompt=False):
        """A short conversation; empty where the template rejects it."""
        try:
            return self.by_template([{"role": "user", "content": "x"}, *answers], prompt, thinking)
        except Exception:
            return ""

    @property
    def field(self):
        """The member of a message that the template reads a thought from, found by rendering one; empty if it reads none."""
        if self._field is None:
            self._field = ""
            for name in FIELDS:
                text = self.probe([{"role": "assistant", "content": ANSWER, name: THOUGHT}], ON)
                if text.count(THOUGHT) == 1 and text.find(THOUGHT) < text.find(ANSWER):
                    self._field = name
                    break
        return self._field

    @property
    def tags(self):
        """Tags for a thought that the template does not write: those of its empty thought, or the usual ones."""
        if self._tags is None:
            answered = self.probe([{"role": "assistant", "content": ANSWER}], ON).split(ANSWER)[0]
            texts = (answered, self.probe([], None, True), self.probe([], OFF, True))
            found = next(filter(None, map(EMPTY_THOUGHT.search, texts)), None)
            if found is None:
                self._tags = THINK
            else:
                opening, inside, closing, behind = found.groups()
                middle = (len(inside) + 1) // 2
                self._tags = (opening + inside[:middle], inside[middle:] + closing + behind)
        return self._tags

    def around(self, messages, thinking):
        """What the template writes before and after the answer, with the token that ends it."""
        head, found, after = self.by_template(messages, False, thinking).rpartition(ANSWER)
        if not found:
            raise ValueError("the chat template omits the answer")
        return head, self.eos if self.eos and self.eos not in after else after

    def render(self, messages):
        """@return a dictionary of the texts of the row, which are joined without anything in between, as RenderedRow of render.ts."""
        *turns, last = messages
        if last["role"] != "assistant":
            raise ValueError("the last message is not the assistant's")
        row = self.thinking(turns, last) if thought_of(last) else self.answered(turns, last["content"])
        return {**row, "closing": "", "after": ""} if is_cut_off(last) else row

    def answered(self, turns, answer):
        # The answer may have the tags itself.
        tagged = re.match(r"\s*<think>", answer) is not None
        thinking = ON if tagged else None
        before = self.by_template(turns, True, thinking)
        if not tagged and OPENED.search(before):
            before = self.by_template(turns, True, OFF)
        head, after = self.around([*turns, {"role": "assistant", "content": ANSWER}], thinking)
        written = head[len(before) :] if head.startswith(before) else ""
        row = {"before": before, "thought": "", "closing": "", "answer": answer, "after": after, "opening": "", "trains_opening": False}
        if tagged:
            return row
        # A thought that the prompt opens is closed before the answer.
        if OPENED.search(before):
            return {**row, "opening": written if written.strip() else THINK[1], "trains_opening": self.empty_thoughts}
        if EMPTY_THOUGHT.search(written) and not self.empty_thoughts:
            return row
        return {**row, "opening": written, "trains_opening": True}

    def thinking(self, turns, last):
        before = self.by_template(turns, True, ON)
        message = {"role": "assistant", "content": ANSWER}
        row = {"before": before, "thought": thought_of(last), "answer": last["content"]}
        if not self.field:
            _, after = self.around([*turns, message], ON)
            opening = "" if OPENED.search(before) else self.tags[0]
            return {**row, "opening": opening, "closing": self.tags[1], "after": after}
        head, after = self.around([*turns, {**message, self.field: THOUGHT}], ON)
        start, found, closing = head.rpartition(THOUGHT)
        if not found:
            raise ValueError("the chat template omits the thought")
        own = start.startswith(before)
        opening = start[len(before) :] if own else ""
        return {**row, "before": before if own else start, "opening": opening, "closing": closing, "after": after}


def is_cut_off(message):
    """Whether a message ends inside its thought, so that neither of them has an end."""
    content = message["content"]
    if thought_of(message):
        return content == ""
    return re.match(r"\s*<think>", content) is not None and "</think>" not in content


def trained_flags(text, mask, part="content", prefilled=0):
    """One flag a code point of a part. What no run covers is trained; text that is masked by one run is masked; so is what the prompt holds already."""
    flags = [True] * len(text)
    for run in mask:
        if not run["train"] and (run.get("part") or "content") == part:
            for at in range(max(0, run["start"]), min(len(text), run["end"])):
                flags[at] = False
    for at in range(min(prefilled, len(text))):
        flags[at] = False
    return flags


def prefilled_length(before, answer):
    """Code points at the beginning of the answer that the prompt ends with: a template that writes <think> for the model."""
    for opening in (THINK[0], "<think>"):
        if before.endswith(opening) and answer.startswith(opening):
            return len(opening)
    return 0


def flagged(renderer, messages, mask):
    """@return the text of a row as the model gets it, and one flag a code point of it: whether it is trained."""
    row = renderer.render(messages)
    before, thought, answer, after = row["before"], row["thought"], row["answer"], row["after"]
    prefilled = 0 if thought else prefilled_length(before, answer)
    start = len(before) - prefilled
    reasoning = trained_flags(thought, mask, "reasoning")
    # What the template writes around a thought is trained if any of the thought is.
    around = any(reasoning)
    # The end that the model must learn to write: up to the last end-of-sequence token of what follows; a newline behind it is not written by it.
    eos = renderer.eos
    stop = after.rfind(eos) + len(eos) if eos and eos in after else len(after)
    parts = [
        (before[:start], [False] * start),
        (row["opening"], [around if thought else row["trains_opening"]] * len(row["opening"])),
        (thought, reasoning),
        (row["closing"], [around] * len(row["closing"])),
        (answer, trained_flags(answer, mask, "content", prefilled)),
        (after, [at < stop for at in range(len(after))]),
    ]
    return "".join(text for text, _ in parts), [flag for _, flags in parts for flag in flags]


def tokenise(renderer, messages, mask):
    """@return input_ids and labels. A token is trained when every character of it is: masked text never is, not even in part."""
    text, flags = flagged(renderer, messages, mask)
    coded = renderer.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
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
