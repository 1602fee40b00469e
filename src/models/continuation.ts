import { z } from 'zod';
import { THINK_OPEN } from '../core/dataset/thought.ts';
import type { CallReply, CallRequest } from '../core/schemas/index.ts';
import { ModelError } from './errors.ts';
import { conversation } from './wire.ts';

/** How an endpoint continues the `prefix` of a request. */
export interface Continuation {
  /** Token ids of prompt and prefix for /completions; undefined where the chat's last message is continued. */
  prompt?: readonly number[];
  /** `ids`: by the token ids that the server makes of the prompt. `reply`: by a short call, since it shows no ids. */
  checkedBy: 'ids' | 'reply';
}

type Request = Pick<CallRequest, 'host' | 'model' | 'messages' | 'prefix'>;

interface Server {
  /** Where the paths below are: the base URL without /v1. Undefined when it does not have this path. */
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T | undefined>;
  /** One chat call. */
  chat(request: CallRequest): Promise<CallReply>;
}

const Tokens = z.object({ tokens: z.array(z.number().int().nonnegative()) });
const Rendered = z.object({ prompt: z.string() });

/** The forms in which a chat template opens a thought. */
const OPENINGS = ['<think>\n', '<think>'];

/**
 * Finds out whether a reply continues exactly this prefix, before anything long is paid.
 *
 * vLLM and the starter make token ids of a chat (/tokenize); llama.cpp's server renders it (/apply-template). If the ids of the continued chat are those of the prompt followed
 * by those of the prefix, the chat is continued. If they differ, as where a template changes thoughts, the ids go to /completions. A server without ids is asked for
 * the end of a word.
 * @throws ModelError `bad-request` when it begins a new answer; as continuationByIds
 */
export async function findContinuation(server: Server, request: Request): Promise<Continuation> {
  const byIds = await continuationByIds(server, request);
  if (byIds !== undefined) return byIds;
  await askForTheRest(server, request);
  return { checkedBy: 'reply' };
}

/**
 * What findContinuation finds without a paid call; undefined where only a reply shows it.
 * @throws ModelError `bad-request` for a prefix with a thought, where only a reply shows it. SGLang appends the prefix to the opening of
 * the answer, in which a template may have opened the thought already: it would be opened twice, and no reply shows that.
 */
export async function continuationByIds(
  server: Pick<Server, 'post'>,
  request: Request,
): Promise<Continuation | undefined> {
  const { model, prefix = '' } = request;
  const ids = (body: object): Promise<number[] | undefined> =>
    server
      .post('/tokenize', { model, ...body }, Tokens)
      .then((read) => (read?.tokens.length ? read.tokens : undefined));
  const { messages } = request;
  const asked = await ids({ messages, add_generation_prompt: true });
  if (asked !== undefined) {
    const plain = (prompt: string) => ids({ prompt, add_special_tokens: false });
    const prompt = await withPrefix(asked, prefix, plain);
    const chat = await ids(conversation(request));
    // Without ids of the text, those of the chat show nothing.
    if (prompt !== undefined) return chat && isSame(chat, prompt) ? { checkedBy: 'ids' } : { checkedBy: 'ids', prompt };
  }
  const rendered = await server.post('/apply-template', { messages }, Rendered);
  if (rendered !== undefined) {
    const text = (content: string, special: boolean) => ids({ content, add_special: special, parse_special: true });
    const before = await text(rendered.prompt, true);
    const prompt = before && (await withPrefix(before, prefix, (part) => text(part, false)));
    if (prompt !== undefined) return { checkedBy: 'ids', prompt };
  }
  if (!prefix.startsWith(THINK_OPEN.trim())) return undefined;
  throw new ModelError('bad-request', `The server of ${model} shows no token ids, so a thought may be opened twice.`, {
    advice: 'Use a server that shows them, such as vLLM, llama.cpp or the starter model.',
  });
}

/** The ids of a prompt that the prefix follows. A template that opens a thought itself has the beginning of the prefix already. */
async function withPrefix(
  prompt: readonly number[],
  prefix: string,
  idsOf: (text: string) => Promise<number[] | undefined>,
): Promise<number[] | undefined> {
  for (const opening of OPENINGS) {
    if (!prefix.startsWith(opening)) continue;
    const open = await idsOf(opening);
    if (!open || !isSame(prompt.slice(-open.length), open)) continue;
    const rest = prefix.slice(opening.length);
    return rest === '' ? [...prompt] : join(prompt, await idsOf(rest));
  }
  return prefix === '' ? [...prompt] : join(prompt, await idsOf(prefix));
}

function join(prompt: readonly number[], rest: readonly number[] | undefined): number[] | undefined {
  return rest && [...prompt, ...rest];
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}

/** A new turn would begin with a word, and no word begins so. */
const CUT = { text: 'eleven, twelve, thirteen, fourteen, fift', rest: /^een\b/ };

async function askForTheRest(server: Server, { host, model }: Request): Promise<void> {
  const { text } = await server.chat({
    host,
    model,
    messages: [{ role: 'user', content: 'Count from eleven to twenty in words, separated by commas.' }],
    prefix: CUT.text,
    sampling: { temperature: 0, topP: 1, maxTokens: 4 },
    seed: 0,
  });
  if (CUT.rest.test(text)) return;
  throw new ModelError('bad-request', `${model} can’t continue a given text; it begins a new answer.`, {
    advice: 'Use a server that continues the last message, such as vLLM, SGLang, llama.cpp or the starter model.',
  });
}
