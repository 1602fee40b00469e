import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cut, joinContinuation, writtenText } from '../../core/continuation/cut.ts';
import type { StepTally } from '../../core/continuation/step-search.ts';
import { defined } from '../../core/defined.ts';
import { type CallReply, type CallRequest, endedRight, JournalLine, type ModelRef } from '../../core/schemas/index.ts';
import type { GradingPool } from '../../grading/pool.ts';
import type { Dataset } from '../../store/index.ts';
import { errorCode, readLineAt, readLines } from '../../store/lines/files.ts';
import type { LinePlace } from '../../store/lines/line-writer.ts';
import { roundsOf } from '../sampling/tallies.ts';
import { type Asking, continuationRequest, gradeJoined } from './continuing.ts';

/** Of a line in a journal, as far as it shows whether the line is a sample. */
const Sampled = JournalLine.pick({ problemId: true, piece: true });

/**
 * Paid samples of a model: responses of its sampling rounds, and continuations. Only their places are in memory. Other rounds may run meanwhile, so their new
 * lines are read too.
 */
export class PaidSamples {
  readonly #journals: readonly { path: string; read: number }[];
  readonly #problems: ReadonlySet<string>;
  readonly #places = new Map<string, (LinePlace & { path: string })[]>();
  #reading: Promise<void> | undefined;

  private constructor(journals: readonly string[], problems: ReadonlySet<string>) {
    this.#journals = journals.map((path) => ({ path, read: 0 }));
    this.#problems = problems;
  }

  /**
   * @param problems ids of the problems whose samples are of interest
   * @param except a round whose samples are not
   */
  static async open(
    dataset: Dataset,
    model: ModelRef,
    problems: ReadonlySet<string>,
    except?: string,
  ): Promise<PaidSamples> {
    const rounds = (await roundsOf(dataset, model)).filter(({ round }) => round !== except);
    const journals = rounds.map(({ round }) => join(dataset.roundFolder(round), 'journal.jsonl'));
    return new PaidSamples(journals, problems);
  }

  /** The samples of a problem so far, by round and line. */
  async of(problem: string): Promise<JournalLine[]> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
    const places = this.#places.get(problem) ?? [];
    const lines = await Promise.all(places.map(({ path, offset, length }) => readLineAt(path, offset, length)));
    return lines.flatMap((line) => JournalLine.safeParse(line).data ?? []);
  }

  async #readOn(): Promise<void> {
    for (const journal of this.#journals) {
      try {
        for await (const line of readLines(journal.path, { from: journal.read })) {
          // Its writer is still writing it.
          if ('error' in line && line.torn) break;
          journal.read = line.offset + line.length;
          const sample = 'error' in line ? undefined : Sampled.safeParse(line.value).data;
          if (sample) this.#add(sample, { path: journal.path, offset: line.offset, length: line.length });
        }
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
  }

  #add({ problemId, piece }: Pick<JournalLine, 'problemId' | 'piece'>, place: LinePlace & { path: string }): void {
    if ((piece !== 'response' && piece !== 'continuation') || !this.#problems.has(problemId)) return;
    const places = this.#places.get(problemId);
    if (places === undefined) this.#places.set(problemId, [place]);
    else places.push(place);
  }
}

/** A paid sample that begins as a chain does. */
export interface Match {
  line: JournalLine;
  /** The places whose steps it has, in order. The first is where it began, if that is one of them. */
  places: readonly number[];
  /** A continuation of exactly the steps of the first place, as a search requests it. */
  isOwn: boolean;
}

/** A sample of a search: whether it ended right after the steps of these places; undefined where it shows nothing. */
export interface PlacedOutcome {
  places: readonly number[];
  isRight: boolean | undefined;
}

/**
 * The place where a sample counts for the first wrong step. A requested continuation counts where it began: a model that only copies the wrong steps would show
 * nothing at the last place, since there every chain is wrong. Any other sample counts at the last place whose steps it has.
 */
export const countedAt = ({ places, isOwn }: Pick<Match, 'places' | 'isOwn'>): number =>
  (isOwn ? places[0] : places.at(-1)) ?? 0;

/** An outcome at a place; without one, nothing. */
export const tallyAt = (kept: number, { isRight }: Pick<PlacedOutcome, 'isRight'>): StepTally => ({
  kept,
  right: Number(isRight === true),
  wrong: Number(isRight === false),
});

/** The numbers of the paid continuations of each place. */
export function takenIndexes(matches: readonly Match[]): Map<number, ReadonlySet<number>> {
  const taken = new Map<number, Set<number>>();
  for (const { isOwn, line, places } of matches) {
    const [began = 0] = places;
    if (isOwn) taken.set(began, (taken.get(began) ?? new Set()).add(line.index));
  }
  return taken;
}

/** The smallest numbers of continuations that are not taken yet. */
export function freeIndexes(taken: ReadonlySet<number>, count: number): number[] {
  const free: number[] = [];
  for (let index = 0; free.length < count; index++) if (!taken.has(index)) free.push(index);
  return free;
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

/**
 * The later places of a chain whose steps a reply wrote too, each followed by white space: `x = 12` does not continue `x = 1`.
 * @param cuts by number of kept steps
 */
export function passedPlaces(cuts: readonly Cut[], prefix: string, reply: CallReply): number[] {
  const written = writtenText(prefix, reply);
  // Each prefix begins the later ones, within the thought and after it. Only the longest are compared: a long thought has too many.
  const sharedWith = (inThought: boolean): number =>
    commonLength(written, cuts.findLast((cut) => cut.inThought === inThought)?.prefix ?? '');
  const [inAnswer, inThought] = [sharedWith(false), sharedWith(true)];
  return cuts.flatMap((cut, kept) => {
    const { length } = cut.prefix;
    const isWritten = length > prefix.length && length <= (cut.inThought ? inThought : inAnswer);
    return isWritten && /\s/.test(written[length] ?? '') ? [kept] : [];
  });
}

/** How many code units two texts begin with alike. */
function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

/** Whether the sample of a match ended right. */
export async function gradeMatch(
  dataset: Pick<Dataset, 'settings'>,
  { problem }: Pick<Asking, 'problem'>,
  match: Match,
  cuts: readonly Cut[],
  { pool, signal }: { pool: GradingPool; signal: AbortSignal },
): Promise<PlacedOutcome> {
  const { places } = match;
  const { reply, piece } = match.line;
  const cut = cuts[places[0] ?? 0];
  if (cut === undefined) throw new RangeError('A sample of no place.');
  const joined =
    piece === 'response'
      ? { text: reply.text, segments: [], answer: reply.text, ...defined({ thought: reply.reasoning }) }
      : joinContinuation(cut, restAfter(match, cut));
  const { verdict, ended } = await gradeJoined(dataset, { problem, joined, reply }, pool, signal);
  return { places, isRight: endedRight(verdict.outcome, ended) };
}

/** What a sample wrote after the steps of a place, as a reply that continues them. */
export function restAfter(
  { line: { request, reply } }: Pick<Match, 'line'>,
  cut: Cut,
): Pick<CallReply, 'text' | 'reasoning'> {
  const { prefix = '' } = request;
  return prefix === cut.prefix ? reply : { text: writtenText(prefix, reply).slice(cut.prefix.length) };
}

/** Whether only seed and prefix differ. */
function isSameAsking(a: CallRequest, b: CallRequest): boolean {
  const what = ({ host, model, messages, sampling }: CallRequest): object => ({ host, model, messages, sampling });
  return isDeepStrictEqual(what(a), what(b));
}
