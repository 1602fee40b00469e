import { isDeepStrictEqual } from 'node:util';
import { cohenKappa } from '../../core/maths/kappa.ts';
import {
  comparePasses,
  disagreements,
  joinWindows,
  type PassCounts,
  spansWithJudgement,
} from '../../core/review/judge/index.ts';
import { BEHAVIOURS, type Behaviour, costOf, JudgeCall, type JudgementLine } from '../../core/schemas/index.ts';
import { formatMoney, plural } from '../../core/text/format.ts';
import type { JudgePlan, JudgeSummary, PassAgreement } from '../../protocol/judge.ts';
import { textHash } from '../../store/chain-index/rows.ts';
import type { Dataset } from '../../store/index.ts';
import { explainRunDiskFull } from '../../system/atomic-write.ts';
import type { CachedClient } from '../calls/cached-client.ts';
import { withCachedClient, workThrough } from '../calls/with-cached-client.ts';
import type { RunContext } from '../run-context.ts';
import { CallCounts } from '../state.ts';
import type { JudgeWork } from './plan-judge.ts';
import { chainToJudge, judgeWindow } from './window.ts';

export type JudgeContext = Omit<RunContext, 'batches'>;

/** Most failed windows named in the result; the rounds' files have all. */
const FAILED_NAMED = 20;

/**
 * Judges the planned chains. Paid calls and judgements are on disk as soon as they are known. A killed run is resumed by planning and running again,
 * and nothing is paid twice.
 * @throws ModelError when the model can't be used; StoreError when another process judges this dataset.
 */
export async function runJudge(
  dataset: Dataset,
  work: JudgeWork,
  plan: JudgePlan,
  context: JudgeContext,
): Promise<JudgeSummary> {
  const lock = await dataset.lockJudge();
  try {
    return await judgeAll(dataset, work, plan, context);
  } catch (error) {
    throw explainRunDiskFull(error);
  } finally {
    await lock.release();
  }
}

async function judgeAll(
  dataset: Dataset,
  work: JudgeWork,
  plan: JudgePlan,
  context: JudgeContext,
): Promise<JudgeSummary> {
  const { signal, progress } = context;
  const startedAt = performance.now();
  const counts = new CallCounts();
  const tally = new Tally(work);
  let windowsDone = 0;
  const report = (): void =>
    progress({
      done: windowsDone,
      total: plan.windows,
      unit: 'windows',
      message: counts.waitingFor ?? tally.progressText(counts),
    });
  const { concurrency, idleTimeoutSeconds } = work.settings;
  const { calls } = dataset.settings;
  const options = {
    model: work.model,
    journal: dataset.judgeJournal,
    line: JudgeCall,
    concurrency,
    idleTimeoutSeconds,
  };
  await withCachedClient({ ...options, calls, counts, onWaiting: report }, context, async (cached) => {
    report();
    await workThrough(work.chainIds, cached, { concurrency, signal }, async (id) => {
      const line = await judgeChain(dataset, work, id, cached, () => {
        windowsDone++;
        report();
      });
      const before = await dataset.judgement(id);
      if (!before || !isDeepStrictEqual({ ...before, at: line.at }, line)) {
        await dataset.appendJudgements(dataset.index.chain(id)?.round ?? '', [line]);
      }
      tally.add(line);
    });
  });
  return tally.summary(counts, (performance.now() - startedAt) / 1000);
}

async function judgeChain(
  dataset: Dataset,
  { question, settings }: JudgeWork,
  chainId: string,
  cached: CachedClient<JudgeCall>,
  windowDone: () => void,
): Promise<JudgementLine> {
  const { chain, sentences, windows } = await chainToJudge(dataset, chainId, settings);
  const results = await Promise.all(
    windows.map(async (asked) => {
      const result = await judgeWindow(cached, question, asked);
      windowDone();
      return { window: asked.window, result };
    }),
  );
  const judged = joinWindows(results);
  const spans = spansWithJudgement(chain.spans, judged);
  return {
    chainId,
    text: textHash(chain.text),
    at: new Date().toISOString(),
    judge: question.judge,
    sentences,
    ...judged,
    differ: disagreements(chain, judged).length,
    spans: BEHAVIOURS.map((kind) => spans.filter((span) => span.kind === kind).length),
  };
}

/** Counts the judgements of a run. */
class Tally {
  readonly #work: JudgeWork;
  #chains = 0;
  #sentences = 0;
  #failedWindows = 0;
  #differ = 0;
  #differingChains = 0;
  readonly #failed: JudgeSummary['failed'] = [];
  readonly #labels = zeros(() => 0);
  readonly #acts = zeros(() => 0);
  readonly #passes = zeros((): PassCounts => ({ kept: 0, removed: 0, added: 0, neither: 0 }));
  #unconfirmedWindows = 0;

  constructor(work: JudgeWork) {
    this.#work = work;
  }

  add(line: JudgementLine): void {
    const { chainId, sentences, labels, failed, unconfirmed = [], differ } = line;
    this.#chains++;
    this.#sentences += sentences;
    this.#failedWindows += failed.length;
    this.#differ += differ;
    if (differ > 0) this.#differingChains++;
    this.#unconfirmedWindows += unconfirmed.length;
    for (const { from, to, reason } of [...failed, ...unconfirmed]) {
      if (this.#failed.length < FAILED_NAMED) this.#failed.push({ chainId, from, to, reason });
    }
    for (const { kinds, acts = [] } of labels) {
      for (const kind of kinds) this.#labels[kind]++;
      for (const kind of acts) this.#acts[kind]++;
    }
    const compared = comparePasses(line);
    if (compared === undefined) return;
    for (const kind of BEHAVIOURS) {
      const sum = this.#passes[kind];
      for (const [name, count] of Object.entries(compared[kind])) sum[name as keyof PassCounts] += count;
    }
  }

  /** The counts for the progress line. */
  progressText(counts: CallCounts): string {
    const cost = costOf(counts, this.#work.prices);
    const tokens = counts.promptTokens + counts.completionTokens;
    return `${plural(counts.calls, 'call')}, ${plural(tokens, 'token')}${cost === undefined ? '' : `, cost ${formatMoney(cost)}`}`;
  }

  summary(counts: CallCounts, seconds: number): JudgeSummary {
    return {
      chains: this.#chains,
      sentences: this.#sentences,
      labels: { ...this.#labels },
      acts: { ...this.#acts },
      failedWindows: this.#failedWindows,
      failed: this.#failed,
      ...(this.#work.question.secondPrompt !== undefined && {
        secondPass: { passes: this.#agreement(), unconfirmedWindows: this.#unconfirmedWindows },
      }),
      differ: this.#differ,
      differingChains: this.#differingChains,
      ...counts.use(this.#work.prices, seconds),
    };
  }

  #agreement(): Record<Behaviour, PassAgreement> {
    const rows = BEHAVIOURS.map((kind) => {
      const { kept, removed, added, neither } = this.#passes[kind];
      return [kind, { kept, removed, added, kappa: cohenKappa(kept, removed, added, neither) }] as const;
    });
    return Object.fromEntries(rows) as Record<Behaviour, PassAgreement>;
  }
}

function zeros<T>(make: () => T): Record<Behaviour, T> {
  return Object.fromEntries(BEHAVIOURS.map((kind) => [kind, make()])) as Record<Behaviour, T>;
}
