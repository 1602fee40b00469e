import { setMaxListeners } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { disagreements, joinWindows, spansWithJudgement } from '../../core/judge/index.ts';
import { BEHAVIOURS, type Behaviour, costOf, JudgeCall, type JudgementLine } from '../../core/model/index.ts';
import { connect } from '../../models/connect.ts';
import type { JudgePlan, JudgeSummary, VerbProgress } from '../../protocol/verbs.ts';
import type { Dataset } from '../../store/index.ts';
import { textHash } from '../../store/rows.ts';
import { Journal } from '../journal.ts';
import { Payer } from '../payer.ts';
import { CallCounts } from '../state.ts';
import { firstRequest, judgeWindow } from './window.ts';
import { chainToJudge, type JudgeWork } from './work.ts';

export interface JudgeContext {
  signal: AbortSignal;
  log: (text: string) => void;
  progress: (progress: VerbProgress) => void;
  /** Folder of the bundles: the starter server is there. */
  distFolder: string;
  cache?: string | undefined;
}

/** Failed windows named in the result; the lines of the rounds hold all. */
const FAILED_NAMED = 20;

/**
 * Judges the planned chains. Each judgement is on disk when its last window is answered, each paid call before that: a run that is killed is gone
 * on with by planning and running again, and nothing is paid for twice.
 * @throws ModelError when the model can't be used; StoreError when another process judges this dataset.
 */
export async function runJudge(
  dataset: Dataset,
  work: JudgeWork,
  plan: JudgePlan,
  context: JudgeContext,
): Promise<JudgeSummary> {
  const lock = await dataset.lockJudge();
  const stop = new AbortController();
  // Every call in flight listens; the warning at eleven is about leaks.
  setMaxListeners(0, stop.signal);
  const forward = (): void => stop.abort();
  context.signal.addEventListener('abort', forward, { once: true });
  if (context.signal.aborted) stop.abort();
  try {
    return await judgeAll(dataset, work, plan, { ...context, signal: stop.signal });
  } finally {
    // Whatever was in flight is given up, so that nothing is paid after the run has ended.
    stop.abort();
    context.signal.removeEventListener('abort', forward);
    await lock.release();
  }
}

async function judgeAll(
  dataset: Dataset,
  work: JudgeWork,
  plan: JudgePlan,
  context: JudgeContext,
): Promise<JudgeSummary> {
  const { signal, log, progress } = context;
  const startedAt = performance.now();
  const counts = new CallCounts();
  const client = await connect(work.model, {
    idleTimeoutMs: work.settings.idleTimeoutSeconds * 1000,
    distFolder: context.distFolder,
    cache: context.cache,
    onProgress: ({ message }) => log(message),
    signal,
  });
  const journal = await Journal.open(dataset.judgeJournal, JudgeCall);
  const { concurrency } = work.settings;
  const payer = new Payer({ journal, client, concurrency, counts, signal, log });
  const tally = new Tally(work);
  const left = [...work.chainIds];
  let windowsDone = 0;
  const tell = (): void =>
    progress({ done: windowsDone, total: plan.windows, unit: 'windows', message: tally.inWords(counts) });
  const worker = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      signal.throwIfAborted();
      const line = await judgeChain(dataset, work, id, payer, () => {
        windowsDone++;
        tell();
      });
      const before = await dataset.judgement(id);
      if (!before || !isDeepStrictEqual({ ...before, at: line.at }, line)) {
        await dataset.appendJudgements(dataset.index.chain(id)?.round ?? '', [line]);
      }
      tally.add(line);
    }
  };
  try {
    tell();
    // One chain that cannot be gone on with ends the run; the others stop at their next call.
    await Promise.all(Array.from({ length: Math.min(concurrency, left.length) }, worker));
    return tally.summary(counts, (performance.now() - startedAt) / 1000);
  } finally {
    // A reply that is being written down was paid for: the process must not end before it stands in the journal.
    await journal.settled();
  }
}

async function judgeChain(
  dataset: Dataset,
  { judge, prompt, settings }: JudgeWork,
  chainId: string,
  payer: Payer<JudgeCall>,
  windowDone: () => void,
): Promise<JudgementLine> {
  const { chain, problem, sentences, windows } = await chainToJudge(dataset, chainId, settings);
  const results = await Promise.all(
    windows.map(async (window) => {
      const request = firstRequest(judge, prompt, problem, window);
      const result = await judgeWindow(payer, chainId, request, judge, window);
      windowDone();
      return { window, result };
    }),
  );
  const { labels, failed } = joinWindows(results);
  const spans = spansWithJudgement(chain.spans, { labels, failed });
  return {
    chainId,
    text: textHash(chain.text),
    at: new Date().toISOString(),
    judge,
    sentences,
    labels,
    failed,
    differ: disagreements(chain, { labels, failed }).length,
    spans: BEHAVIOURS.map((kind) => spans.filter((span) => span.kind === kind).length),
  };
}

/** What the judgements of a run come to. */
class Tally {
  readonly #work: JudgeWork;
  #chains = 0;
  #sentences = 0;
  #failedWindows = 0;
  #differ = 0;
  #differingChains = 0;
  readonly #failed: JudgeSummary['failed'] = [];
  readonly #labels: Record<Behaviour, number> = { verification: 0, backtracking: 0, subgoal: 0, backward: 0 };

  constructor(work: JudgeWork) {
    this.#work = work;
  }

  add({ chainId, sentences, labels, failed, differ }: JudgementLine): void {
    this.#chains++;
    this.#sentences += sentences;
    this.#failedWindows += failed.length;
    this.#differ += differ;
    if (differ > 0) this.#differingChains++;
    for (const { from, to, reason } of failed) {
      if (this.#failed.length < FAILED_NAMED) this.#failed.push({ chainId, from, to, reason });
    }
    for (const { kinds } of labels) for (const kind of kinds) this.#labels[kind]++;
  }

  /** For the line of progress. */
  inWords(counts: CallCounts): string {
    const cost = this.#cost(counts);
    const tokens = counts.promptTokens + counts.completionTokens;
    return `${counts.calls} calls, ${tokens} tokens${cost === null ? '' : `, cost ${cost.toFixed(2)}`}`;
  }

  summary(counts: CallCounts, seconds: number): JudgeSummary {
    return {
      chains: this.#chains,
      sentences: this.#sentences,
      labels: { ...this.#labels },
      failedWindows: this.#failedWindows,
      failed: this.#failed,
      differ: this.#differ,
      differingChains: this.#differingChains,
      calls: counts.calls,
      reused: counts.callsReused,
      retries: counts.retries,
      promptTokens: counts.promptTokens,
      completionTokens: counts.completionTokens,
      cost: this.#cost(counts),
      seconds: Math.round(seconds * 10) / 10,
    };
  }

  #cost(counts: CallCounts): number | null {
    return costOf(counts, this.#work.prices) ?? null;
  }
}
