import { Template } from '@huggingface/jinja';
import { THINK_CLOSE, THINK_OPEN } from '../dataset/thought.ts';
import { messageOf } from '../errors.ts';
import type { ReasoningForm } from '../export/reasoning.ts';
import { maskedParts } from './mask.ts';
import { type LossMask, type MessagesRow, thoughtOf } from './rows.ts';

/** A model's chat template with the special tokens that it may write. */
export interface ChatTemplate {
  source: string;
  bosToken: string;
  eosToken: string;
}

/** For models without a template, as in media/python/longhand_rows.py. */
export const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}\n\n{% endif %}{% endfor %}";
/** From the private use area, which templates do not process: an answer and a thought. */
const [ANSWER, THOUGHT] = ['\ue000', '\ue001'];
/** Members of a message that templates read a thought from. */
const FIELDS = ['reasoning_content', 'thinking'] as const;
type ReasoningField = (typeof FIELDS)[number];

type Messages = MessagesRow['messages'];
/** Variables by which templates switch thinking on or off; none are the template's own choice. */
type Thinking = { enable_thinking: boolean; thinking: boolean } | undefined;
const ON: Thinking = { enable_thinking: true, thinking: true };
const OFF: Thinking = { enable_thinking: false, thinking: false };

/** Where a prompt ends inside a thought that it opened: `<think>`, or the channel of Gemma 4. */
const OPENED = /(?:<think>|<\|channel>thought)\s*$/;
/** An empty thought at the end of a text, in parts. */
const EMPTY_THOUGHT = /(<think>|<\|channel>thought\n)(\s*)(<\/think>|<channel\|>)(\s*)$/;

/** A row as the model gets it. The texts are joined without anything in between. */
interface RenderedRow {
  /** The prompt: all before what the model writes. */
  before: string;
  /** What the template writes between the prompt and the thought, or the answer where there is no thought. */
  opening: string;
  /** Whether `opening` is trained in a row without a thought. */
  trainsOpening: boolean;
  /** As the row has it; empty if it has none. */
  thought: string;
  /** What the template writes between thought and answer. */
  closing: string;
  /** As the row has it. */
  answer: string;
  after: string;
  /** Code units at the start of the answer that `before` already has, such as <think>. */
  prefilled: number;
  /** The model's prompt opens a thought, and the row has none. */
  skipsThought: boolean;
}

/** A template is invalid or rejects a row. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** A parsed template for many rows. */
export class Renderer {
  readonly #template: Template;
  readonly #chat: ChatTemplate;
  readonly #emptyThoughts: boolean;
  #field: { read: ReasoningField | undefined } | undefined;
  #tags: readonly [string, string] | undefined;

  /**
   * Throws RenderError.
   * @param emptyThoughts Whether the empty thinking tags that the template writes are part of rows without a thought, and trained.
   */
  constructor(chat: ChatTemplate, emptyThoughts = false) {
    this.#chat = chat;
    this.#emptyThoughts = emptyThoughts;
    this.#template = withRenderError(() => new Template(chat.source));
  }

  /** The conversation rendered by the template alone, as some trainers do. Throws RenderError. */
  byTemplate(messages: readonly object[], addGenerationPrompt = false, thinking?: Thinking): string {
    const { bosToken, eosToken } = this.#chat;
    return withRenderError(() =>
      this.#template.render({
        messages,
        add_generation_prompt: addGenerationPrompt,
        bos_token: bosToken,
        eos_token: eosToken,
        tools: null,
        documents: null,
        ...thinking,
      }),
    );
  }

  /** The member of the last message that the template reads a thought from, found by rendering one; undefined if it reads none. */
  get field(): ReasoningField | undefined {
    this.#field ??= {
      read: FIELDS.find((field) => {
        const message = { role: 'assistant', content: ANSWER, [field]: THOUGHT };
        return inOrder(this.#probe([message], ON) ?? '');
      }),
    };
    return this.#field.read;
  }

  /** The form of rows that the template can read. */
  get form(): ReasoningForm {
    return this.field ?? 'tags';
  }

  /** Whether the prompt for a thought is another one than the template's own: the trained model must be asked with `enable_thinking` or `thinking`. */
  get thinksWhenAsked(): boolean {
    const [usual, on] = [this.#probe([], undefined, true), this.#probe([], ON, true)];
    return usual !== undefined && on !== undefined && usual !== on;
  }

  /** As `render` of media/python/longhand_rows.py. Throws RenderError. */
  row(messages: Messages): RenderedRow {
    const last = messages.at(-1);
    if (last?.role !== 'assistant') throw new RenderError('the last message is not the assistant’s');
    const turns = messages.slice(0, -1);
    const row = thoughtOf(last) === '' ? this.#answered(turns, last) : this.#thought(turns, last);
    return isCutOff(last) ? { ...row, closing: '', after: '' } : row;
  }

  /**
   * The trained and untrained parts of a row, in order, as the tokenizer sees them. What the template writes around a thought is trained if any of the
   * thought is. Empty thinking tags are not trained. Throws RenderError.
   */
  parts(messages: Messages, mask: LossMask): RenderedPart[] {
    const { before, opening, trainsOpening, thought, closing, answer, after, prefilled } = this.row(messages);
    const { eosToken } = this.#chat;
    const end = eosToken === '' ? after.length : after.lastIndexOf(eosToken) + eosToken.length;
    const opened = [...answer.slice(0, prefilled)].length;
    const own = mask.filter(({ part }) => part !== 'reasoning');
    const whole = opened === 0 ? own : [...own, { start: 0, end: opened, train: false }];
    const reasoning = maskedParts(
      thought,
      mask.filter(({ part }) => part === 'reasoning'),
    );
    const trainsThought = reasoning.some(({ train }) => train);
    const parts: RenderedPart[] = [
      { text: before.slice(0, before.length - prefilled), train: false, part: 'template' },
      { text: opening, train: thought === '' ? trainsOpening : trainsThought, part: 'template' },
      ...reasoning.map(({ text, train }) => ({ text, train, part: 'reasoning' as const })),
      { text: closing, train: trainsThought, part: 'template' },
      ...maskedParts(answer, whole).map(({ text, train }) => ({ text, train, part: 'content' as const })),
      { text: after.slice(0, end), train: true, part: 'template' },
      { text: after.slice(end), train: false, part: 'template' },
    ];
    return parts.filter(({ text }) => text !== '');
  }

  /** A row without a thought beside the answer. */
  #answered(turns: Messages, { content: answer }: Messages[number]): RenderedRow {
    // The answer may have the tags itself.
    const thinking = /^\s*<think>/.test(answer) ? ON : undefined;
    let before = this.byTemplate(turns, true, thinking);
    const skipsThought = thinking === undefined && OPENED.test(before);
    if (skipsThought) before = this.byTemplate(turns, true, OFF);
    const { head, after } = this.#around([...turns, { role: 'assistant', content: ANSWER }], thinking);
    const written = head.startsWith(before) ? head.slice(before.length) : '';
    const prefilled = prefilledLength(before, answer);
    const row = { before, thought: '', closing: '', answer, after, prefilled, skipsThought };
    if (thinking !== undefined) return { ...row, opening: '', trainsOpening: false };
    // A thought that the prompt opens is closed before the answer.
    if (OPENED.test(before)) {
      return { ...row, opening: written.trim() === '' ? THINK_CLOSE : written, trainsOpening: this.#emptyThoughts };
    }
    const omits = EMPTY_THOUGHT.test(written) && !this.#emptyThoughts;
    return { ...row, opening: omits ? '' : written, trainsOpening: !omits };
  }

  #thought(turns: Messages, last: Messages[number]): RenderedRow {
    const [thought, answer] = [thoughtOf(last), last.content];
    const before = this.byTemplate(turns, true, ON);
    const message = { role: 'assistant', content: ANSWER };
    const row = { trainsOpening: true, thought, answer, prefilled: 0, skipsThought: false };
    const { field } = this;
    if (field === undefined) {
      const { after } = this.#around([...turns, message], ON);
      const [open, closing] = this.#thinkTags();
      const opening = OPENED.test(before) ? '' : open;
      return { ...row, before, opening, closing, after };
    }
    const { head, after } = this.#around([...turns, { ...message, [field]: THOUGHT }], ON);
    const at = head.lastIndexOf(THOUGHT);
    if (at === -1) throw new RenderError('the chat template omits the thought');
    const [start, closing] = [head.slice(0, at), head.slice(at + THOUGHT.length)];
    const own = start.startsWith(before);
    const opening = own ? start.slice(before.length) : '';
    return { ...row, before: own ? before : start, opening, closing, after };
  }

  /** What the template writes before and after the answer of a conversation, with the token that ends it. */
  #around(messages: readonly object[], thinking: Thinking): { head: string; after: string } {
    const probe = this.byTemplate(messages, false, thinking);
    const at = probe.lastIndexOf(ANSWER);
    if (at === -1) throw new RenderError('the chat template omits the answer');
    const written = probe.slice(at + ANSWER.length);
    const { eosToken } = this.#chat;
    const after = eosToken !== '' && !written.includes(eosToken) ? eosToken : written;
    return { head: probe.slice(0, at), after };
  }

  /** Tags for a thought that the template does not write: those of its empty thought, or the usual ones. */
  #thinkTags(): readonly [string, string] {
    if (this.#tags !== undefined) return this.#tags;
    const answered = this.#probe([{ role: 'assistant', content: ANSWER }], ON)?.split(ANSWER)[0];
    const prompts = [answered, this.#probe([], undefined, true), this.#probe([], OFF, true)];
    const [, open = '', inside = '', close = '', behind = ''] =
      prompts.map((text) => EMPTY_THOUGHT.exec(text ?? '')).find((found) => found !== null) ?? [];
    const middle = Math.ceil(inside.length / 2);
    this.#tags =
      open === '' ? [THINK_OPEN, THINK_CLOSE] : [open + inside.slice(0, middle), inside.slice(middle) + close + behind];
    return this.#tags;
  }

  /** A short conversation; undefined where the template rejects it. */
  #probe(answers: readonly object[], thinking: Thinking, prompt = false): string | undefined {
    try {
      return this.byTemplate([{ role: 'user', content: 'x' }, ...answers], prompt, thinking);
    } catch (error) {
      if (error instanceof RenderError) return undefined;
      throw error;
    }
  }
}

/** A part of a rendered row, for previews. */
export interface RenderedPart {
  text: string;
  train: boolean;
  /** Whether the template wrote it, or it is the row's thought or answer. */
  part: 'template' | 'reasoning' | 'content';
}

/** Whether a text has one thought and one answer, in this order. */
function inOrder(text: string): boolean {
  const at = text.indexOf(THOUGHT);
  return at !== -1 && at === text.lastIndexOf(THOUGHT) && at < text.indexOf(ANSWER);
}

/** Whether a message ends inside its thought, so that neither of them has an end. */
function isCutOff(message: Messages[number]): boolean {
  const { content } = message;
  if (thoughtOf(message) !== '') return content === '';
  return /^\s*<think>/.test(content) && !content.includes('</think>');
}

function prefilledLength(before: string, answer: string): number {
  for (const opening of [THINK_OPEN, '<think>']) {
    if (before.endsWith(opening) && answer.startsWith(opening)) return opening.length;
  }
  return 0;
}

function withRenderError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RenderError) throw error;
    throw new RenderError(messageOf(error), { cause: error });
  }
}
