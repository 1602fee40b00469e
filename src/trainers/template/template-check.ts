import { createHash } from 'node:crypto';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { EngineChoice } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { type ChatTemplate, PLAIN_TEMPLATE, RenderError, type RenderedPart } from '../../core/training/render.ts';
import { type RoundTrip, type RoundTripFinding, roundTripFinding } from '../../core/training/round-trip.ts';
import type { MessagesRow } from '../../core/training/rows.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { readJson, readLines, readText } from '../../store/lines/files.ts';
import { conversationsOf } from '../export-rows.ts';
import { EndlessTemplateError, type TemplateContext, TemplateThread } from './thread.ts';

/** Most rendered rows; a template treats all rows alike. */
const LOOKED_AT = 1000;

/** How a model's template renders rows, with one example. */
export interface TemplateReading extends RoundTrip {
  own: boolean;
  sample?: { id: string; parts: RenderedPart[] };
}

/**
 * Renders rows with the template of a model's folder: messages, or each answer of pairs and labelled answers. `shownId`: id of the example row; the
 * first when absent. `asGiven`: the row as the trainer gets it. Nothing is rendered for rows of another form or unreadable files.
 */
export async function readThroughTemplate(
  folder: string,
  rowsFile: string,
  context: TemplateContext,
  {
    form = 'messages',
    shownId,
    asGiven = (row) => row,
    template: file,
  }: {
    form?: Parameters<typeof conversationsOf>[0];
    shownId?: string | undefined;
    asGiven?: (row: MessagesRow) => MessagesRow;
    /** File of a chat template that replaces the model's. */
    template?: string;
  } = {},
): Promise<TemplateReading> {
  const { chat, own } = await readChatTemplate(folder, file);
  const rows: MessagesRow[] = [];
  let shown: MessagesRow | undefined;
  for await (const line of readLines(rowsFile)) {
    for (const read of 'error' in line ? [] : conversationsOf(form, line.value)) {
      const row = asGiven(read);
      if (rows.length < LOOKED_AT) rows.push(row);
      if (shownId === undefined ? shown === undefined : row.id === shownId) shown = row;
    }
    if (rows.length >= LOOKED_AT && shown) break;
  }
  const thread = new TemplateThread(chat, context);
  try {
    const trip = await thread.check(rows, own);
    const refused = trip.findings.some(({ kind }) => kind === 'refused');
    if (!shown || refused) return { own, ...trip };
    return { own, ...trip, sample: { id: shown.id ?? '', parts: await thread.parts(shown) } };
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    const finding =
      error instanceof EndlessTemplateError
        ? roundTripFinding('endless', rows.length, error.message)
        : unreadable(rows.length, error.message);
    return { own, rows: rows.length, findings: [finding] };
  } finally {
    await thread.close();
  }
}

const unreadable = (rows: number, reason: string): RoundTripFinding => ({
  ...{ kind: 'refused', rows, message: `Can’t read the chat template: ${reason}.` },
  advice: 'Transformers may still read it. Check the answers of an early checkpoint.',
});

const GRAVE: ReadonlySet<string> = new Set(['endless', 'refused', 'prefilled-think']);
/** Findings that change nothing where Longhand renders the rows. */
const HARMLESS: ReadonlySet<string> = new Set(['reasoning-lost', 'answer-changed', 'reasoning-in-tags']);

/**
 * The result as a check of a plan.
 * @param by Who renders the rows: Longhand before the training, its own script in Python, or the trainer.
 * @param noun What was rendered.
 */
export function templateCheck(
  { rows, findings }: TemplateReading,
  by: 'longhand' | 'script' | 'trainer',
  noun: 'row' | 'answer' = 'row',
): PreflightCheck {
  const exact = by !== 'trainer';
  const grave = findings.find(({ kind }) => GRAVE.has(kind));
  const lost = findings.find(({ kind }) => kind === 'reasoning-lost' || kind === 'answer-changed');
  const usable = exact ? findings.find(({ kind }) => !HARMLESS.has(kind)) : lost;
  const finding = grave ?? usable ?? findings[0];
  if (!finding) {
    const message = `${plural(rows, `${noun} keeps its`, `${noun}s keep their`)} reasoning and mask in the model’s chat template.`;
    return { id: 'template', state: 'ok', message };
  }
  const harmless = exact && HARMLESS.has(finding.kind);
  // Without rendered rows there is nothing to train on.
  const stops = finding.kind === 'endless' || (by === 'longhand' && finding.kind === 'refused');
  return {
    id: 'template',
    state: stops ? 'error' : harmless ? 'ok' : 'warning',
    message: `${finding.message} (${formatCount(finding.rows)} of ${plural(rows, noun)})`,
    advice: finding.advice,
  };
}

const Token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]).nullish();
const Named = z.array(z.object({ name: z.string(), template: z.string() }));
const TokenizerConfig = z.object({
  chat_template: z.union([z.string(), Named]).optional(),
  bos_token: Token,
  eos_token: Token,
});

/** The chat template of a model's folder, or the plain one if it has none. @param other File of a template that replaces it, where there is one. */
export async function readChatTemplate(folder: string, other?: string): Promise<{ chat: ChatTemplate; own: boolean }> {
  const config = await readJson(join(folder, 'tokenizer_config.json'), TokenizerConfig);
  const replaced = other === undefined ? undefined : await readText(other);
  const file = replaced ?? (await readText(join(folder, 'chat_template.jinja')));
  const listed = config?.chat_template;
  const named = Array.isArray(listed) ? listed.find(({ name }) => name === 'default')?.template : listed;
  const source = file ?? named;
  const tokens = { bosToken: config?.bos_token ?? '', eosToken: config?.eos_token ?? '' };
  return { chat: { source: source ?? PLAIN_TEMPLATE, ...tokens }, own: source !== undefined };
}

/** SHA-256 of the chat template that `readChatTemplate` reads, with the tokens that it may write. */
export async function templateHash(folder: string, other?: string): Promise<string> {
  const { chat } = await readChatTemplate(folder, other);
  return createHash('sha256')
    .update(JSON.stringify([chat.source, chat.bosToken, chat.eosToken]))
    .digest('hex');
}

/**
 * The file of a chat template that a configuration names, where it is one of this machine; undefined on a cluster, and without a file.
 * @param job Folder in which the training runs on this machine. A relative path is one from there.
 * @throws UserError `bad-config` for a path that the training would not find
 */
export async function templateFile(
  file: string | undefined,
  { engine }: EngineChoice,
  job: string,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(job, file);
  const isRead = engine === 'local' && (await readText(path).catch(() => undefined)) !== undefined;
  if (isRead) return path;
  if (!isAbsolute(file)) {
    const message = `The configuration names the chat template “${file}”. The training runs in another folder and would not find it.`;
    throw new UserError('bad-config', message, 'Write the absolute path of the file as chat_template.');
  }
  if (engine !== 'local') return undefined;
  const message = `The configuration names the chat template ${file}, which is not a file that can be read.`;
  throw new UserError('bad-config', message, 'Correct chat_template, or set it to null for the one of the model.');
}
