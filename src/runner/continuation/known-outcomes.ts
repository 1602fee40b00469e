import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cut, joinContinuation, writtenText } from '../../core/continuation/cut.ts';
import { defined } from '../../core/defined.ts';
import {
  type CallReply,
  type CallRequest,
  JournalLine,
  type ModelRef,
  sampleOutcome,
} from '../../core/schemas/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import type { Dataset } from '../../store/index.ts';
import { linesOf } from '../../store/lines/files.ts';
import { roundsOf } from '../sampling/tallies.ts';
import { type Asking, continuationRequest, gradeJoined } from './continuing.ts';

/** Paid samples of this model by problem: responses of its sampling rounds, and continuations. */
export type PaidSamples = ReadonlyMap<string, readonly JournalLine[]>;

/** Reads the journals of the model's rounds. @param problems ids of the problems whose samples are read */
export async function readPaidSamples(
  dataset: Dataset,
  model: ModelRef,
  problems: ReadonlySet<string>,
): Promise<PaidSamples> {
  const paid = new Map<string, JournalLine[]>();
  for (const { round } of await roundsOf(dataset, model)) {
    for await (const line of linesOf(join(dataset.roundFolder(round), 'journal.jsonl'), JournalLine)) {
      const isSample = line.piece === 'response' || line.piece === 'continuation';
      if (!isSample || !problems.has(line.problemId)) continue;
      const lines = paid.get(line.problemId);
      if (lines === undefined) paid.set(line.problemId, [line]);
      else lines.push(line);
    }
  }
  return paid;
}

/** A paid sample that begins as a chain does. */
export interface Match {
  line: JournalLine;
  /** The places whose steps it has, in order. The first is where it began, if that is one of them. */
  places: readonly number[];
  /** A continuation of exactly the steps of the first place, as a search requests it. */
  isOwn: boolean;
}

/** A sample of a search: it ended right or not, after the steps of these places. */
export interface PlacedOutcome {
  places: readonly number[];
  isRight: boolean;
}

/**
 * The paid samples that begin as the chain does, with the same prompt and sampling. Later stages of adaptive rounds count too: with all samples of a problem,
 * what led to more of them does not change what they show of its value.
 * @param cuts by number of kept steps
 */
export function matchSamples(
  dataset: Pick<Dataset, 'settings'>,
  asking: Asking,
  cuts: readonly Cut[],
  samples: readonly JournalLine[],
): Match[] {
  const { chain } = asking;
  const itself = new Set([...chain.pieces.map(({ call }) => call), chain.continues?.call]);
  const like = continuationRequest(dataset, asking, { prefix: '' }, 0);
  return samples.flatMap((line): Match[] => {
    if (itself.has(line.key) || !isSameAsking(line.request, like)) return [];
    const { prefix = '' } = line.request;
    const began = cuts.findIndex((cut) => cut.prefix === prefix);
    const places = [...(began < 0 ? [] : [began]), ...passedPlaces(cuts, prefix, line.reply)];
    return places.length === 0 ? [] : [{ line, places, isOwn: began >= 0 && line.piece === 'continuation' }];
  });
}

/** The later places of a chain whose steps a reply wrote too. @param cuts by number of kept steps */
export function passedPlaces(cuts: readonly Cut[], prefix: string, reply: CallReply): number[] {
  const written = writtenText(prefix, reply);
  return cuts.flatMap((cut, kept) =>
    cut.prefix.length > prefix.length && beginsWith(written, cut.prefix) ? [kept] : [],
  );
}

/** Whether the sample of a match ended right. */
export async function gradeMatch(
  dataset: Pick<Dataset, 'settings'>,
  { problem }: Pick<Asking, 'problem'>,
  { line: { request, reply, piece }, places, isOwn }: Match,
  cuts: readonly Cut[],
  { pool, signal }: { pool: GradingPool; signal: AbortSignal },
): Promise<PlacedOutcome> {
  const cut = cuts[places[0] ?? 0];
  if (cut === undefined) throw new RangeError('A sample of no place.');
  const rest = isOwn ? reply : { text: writtenText(request.prefix ?? '', reply).slice(cut.prefix.length) };
  const joined =
    piece === 'response'
      ? { text: reply.text, segments: [], answer: reply.text, ...defined({ thought: reply.reasoning }) }
      : joinContinuation(cut, rest);
  const { verdict, ended } = await gradeJoined(dataset, { problem, joined, reply }, pool, signal);
  return { places, isRight: sampleOutcome(verdict.outcome, ended) === 'correct' };
}

/** Whether only seed and prefix differ. */
function isSameAsking(a: CallRequest, b: CallRequest): boolean {
  const what = ({ host, model, messages, sampling }: CallRequest): object => ({ host, model, messages, sampling });
  return isDeepStrictEqual(what(a), what(b));
}

/** Whether a text begins with these steps and continues: `x = 12` does not continue `x = 1`. */
function beginsWith(text: string, prefix: string): boolean {
  return text.startsWith(prefix) && /\s/.test(text[prefix.length] ?? '');
}
