import { messageOf, UserError } from '../../core/errors.ts';
import type { ChatMessage } from '../../core/schemas/index.ts';
import type { JinjaModule, LlamaModel, Token } from './llama.ts';

/** Encodes messages with the chat template of the model file. */
export class ChatTemplate {
  readonly #model: LlamaModel;
  readonly #template: InstanceType<JinjaModule['Template']>;
  readonly #special: RegExp | undefined;

  constructor(model: LlamaModel, jinja: JinjaModule) {
    const source = model.fileInfo.metadata.tokenizer?.chat_template;
    if (typeof source !== 'string') throw new UserError('chat-template', 'The model file has no chat template.', '');
    this.#model = model;
    this.#template = new jinja.Template(source);
    this.#special = specialTexts(model);
  }

  /** The tokens of a text, without special ones. */
  tokenize(text: string): Token[] {
    return this.#model.tokenize(text, false);
  }

  /**
   * The tokens of a prompt; with `continues`, also those of its last message, which the reply continues.
   * @throws UserError `chat-template` when the template rejects the messages, such as two of one role in a row.
   */
  encode(messages: readonly ChatMessage[], continues = false): Token[] {
    const last = messages.at(-1);
    if (continues && last?.role === 'assistant')
      return [...this.encode(messages.slice(0, -1)), ...this.tokenize(last.content)];
    const { tokens } = this.#model;
    const { text, literals } = this.#shield(messages);
    const encoded = text
      .split(SHIELD)
      .flatMap((part, index) =>
        index % 2 === 0 ? this.#model.tokenize(part, true) : this.#model.tokenize(literals[Number(part)] ?? '', false),
      );
    const { bos } = tokens;
    return tokens.shouldPrependBosToken && bos !== null && encoded[0] !== bos ? [bos, ...encoded] : encoded;
  }

  /**
   * Renders the template. A message with the text of a control token, such as the end of a turn, must not end its turn: such texts are
   * replaced before rendering, and restored as plain text during tokenisation.
   */
  #shield(messages: readonly ChatMessage[]): { text: string; literals: string[] } {
    const literals: string[] = [];
    const hide = (found: string) => `\uE000${literals.push(found) - 1}\uE000`;
    const shielded = messages.map(({ role, content }) => {
      const clean = content.replaceAll('\uE000', '');
      return { role, content: this.#special ? clean.replace(this.#special, hide) : clean };
    });
    try {
      const text = this.#template.render({
        messages: shielded,
        add_generation_prompt: true,
        bos_token: this.#model.tokens.bosString ?? '',
        eos_token: this.#model.tokens.eosString ?? '',
      });
      return { text, literals };
    } catch (error) {
      throw new UserError('chat-template', messageOf(error), '');
    }
  }
}

/** A private use character around the number of a literal. */
const SHIELD = /\uE000(\d+)\uE000/;

function specialTexts(model: LlamaModel): RegExp | undefined {
  const texts = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    if (!model.isSpecialToken(token)) continue;
    const text = model.detokenize([token], true);
    if (text.trim().length > 1) texts.add(text);
  }
  if (texts.size === 0) return undefined;
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'g');
}
