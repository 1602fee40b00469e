import { Template } from '@huggingface/jinja';
import { messageOf } from '../errors.ts';
import { maskedParts } from './mask.ts';
import type { LossMask, MessagesRow } from './rows.ts';

/** A model's chat template with the special tokens that it may write. */
export interface ChatTemplate {
  source: string;
  bosToken: string;
  eosToken: string;
}

/** For models without a template, as in media/python/longhand_rows.py. */
export const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}\n\n{% endif %}{% endfor %}";
/** From the private use area, which templates do not process. */
const PLACEHOLDER = '\ue000';

type Messages = MessagesRow['messages'];

/** A row as the model gets it: the text before its answer, the answer of the row, and the text after it. */
interface RenderedRow {
  before: string;
  answer: string;
  after: string;
  /** Code units at the start of the answer that `before` already has, such as <think>. */
  prefilled: number;
}

/** A template is invalid or rejects a row. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** A parsed template for many rows. */
export class Renderer {
  readonly #template: Template;
  readonly #chat: ChatTemplate;

  /** Throws RenderError. */
  constructor(chat: ChatTemplate) {
    this.#chat = chat;
    this.#template = withRenderError(() => new Template(chat.source));
  }

  /** The conversation rendered by the template alone, as some trainers do. Throws RenderError. */
  byTemplate(messages: Messages, addGenerationPrompt = false): string {
    const { bosToken, eosToken } = this.#chat;
    return withRenderError(() =>
      this.#template.render({
        messages,
        add_generation_prompt: addGenerationPrompt,
        bos_token: bosToken,
        eos_token: eosToken,
        tools: null,
        documents: null,
      }),
    );
  }

  /** As `render` of media/python/longhand_rows.py. Throws RenderError. */
  row(messages: Messages): RenderedRow {
    const last = messages.at(-1);
    if (last?.role !== 'assistant') throw new RenderError('the last message is not the assistant’s');
    const turns = messages.slice(0, -1);
    const before = this.byTemplate(turns, true);
    const probe = this.byTemplate([...turns, { role: 'assistant', content: PLACEHOLDER }]);
    const at = probe.lastIndexOf(PLACEHOLDER);
    if (at === -1) throw new RenderError('the chat template omits the answer');
    const written = probe.slice(at + PLACEHOLDER.length);
    const { eosToken } = this.#chat;
    const after = eosToken !== '' && !written.includes(eosToken) ? eosToken : written;
    return { before, answer: last.content, after, prefilled: prefilledLength(before, last.content) };
  }

  /** The trained and untrained parts of a row, in order, as the tokenizer sees them. Throws RenderError. */
  parts(messages: Messages, mask: LossMask): RenderedPart[] {
    const { before, answer, after, prefilled } = this.row(messages);
    const end =
      this.#chat.eosToken === '' ? after.length : after.lastIndexOf(this.#chat.eosToken) + this.#chat.eosToken.length;
    const opened = [...answer.slice(0, prefilled)].length;
    const whole = opened === 0 ? mask : [...mask, { start: 0, end: opened, train: false }];
    const parts: RenderedPart[] = [
      { text: before.slice(0, before.length - prefilled), train: false, of: 'template' },
      ...maskedParts(answer, whole).map(({ text, train }) => ({ text, train, of: 'answer' as const })),
      { text: after.slice(0, end), train: true, of: 'template' },
      { text: after.slice(end), train: false, of: 'template' },
    ];
    return parts.filter(({ text }) => text !== '');
  }
}

export interface RenderedPart {
  text: string;
  train: boolean;
  /** Whether the template or the row contains it. */
  of: 'template' | 'answer';
}

function prefilledLength(before: string, answer: string): number {
  for (const opening of ['<think>\n', '<think>']) {
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
