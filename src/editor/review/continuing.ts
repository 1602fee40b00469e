import { isDeepStrictEqual } from 'node:util';
import { messageWithAdvice, UserError } from '../../core/errors.ts';
import { isLocalModel } from '../../core/schemas/index.ts';
import { formatContinuationCost, formatPrefixCheck } from '../../core/text/calls.ts';
import type { ContinueArgs, ContinueEvent, ContinuePlan, ContinueResult } from '../../protocol/continuation.ts';
import type { ToReader } from '../../protocol/review.ts';
import { counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import { askNumber, runSteps } from '../ui/steps.ts';

/** Continuations at a place until another number is chosen. */
const SAMPLES = 8;
const MOST_SAMPLES = 64;

export type ContinueRequest = Pick<ContinueArgs, 'chain' | 'at' | 'reviewer'> &
  Partial<Pick<ContinueArgs, 'plan' | 'keep' | 'write'>> & { samples: number };

/** Runs the verb `continue` on the dataset. */
export type RunContinue = (
  request: ContinueRequest,
  options?: { signal?: AbortSignal; onEvent?: (event: ContinueEvent) => void },
) => Promise<ContinueResult>;

interface ContinuingPage {
  post(message: ToReader): void;
  announce(text: string, tone: 'info' | 'warning' | 'error'): void;
  isCancel(error: unknown): boolean;
}

/** The continuations of one place at a time: a plan and a question, then what is written, then what becomes of it. */
export class ChainContinuing {
  readonly #run: RunContinue;
  readonly #page: ContinuingPage;
  #request: ContinueRequest | undefined;
  /** As chosen last. */
  #samples = SAMPLES;
  /** While continuations are written. */
  #stop: AbortController | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #running = 0;
  /** What is being kept or written, so that a second press does nothing. */
  readonly #taking = new Set<string>();

  constructor(run: RunContinue, page: ContinuingPage) {
    this.#run = run;
    this.#page = page;
  }

  /** Whether a run has the round of continuations, or waits for it. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Asks before anything is paid. */
  async start(place: Pick<ContinueRequest, 'chain' | 'at' | 'reviewer'>): Promise<void> {
    const planned = await this.#plan(place);
    if (planned === undefined) return;
    const { request, plan } = planned;
    this.stop();
    // Calls in flight end first, since they are paid.
    await this.#ended;
    this.#request = request;
    const stop = new AbortController();
    this.#stop = stop;
    this.#page.post({
      type: 'continuing',
      of: { chainId: place.chain, at: plan.kept, samples: request.samples, model: plan.model.model },
    });
    const onEvent = (event: ContinueEvent): void => {
      if (!stop.signal.aborted) this.#page.post({ type: 'continued', event });
    };
    try {
      await this.#inTurn(request, { signal: stop.signal, onEvent });
      if (!stop.signal.aborted) this.#page.post({ type: 'continuingEnded' });
    } catch (error) {
      if (stop.signal.aborted || this.#page.isCancel(error)) return;
      this.#page.post({ type: 'continuingEnded', error: messageWithAdvice(error) });
    } finally {
      if (this.#stop === stop) this.#stop = undefined;
    }
  }

  /** Asks until the number is confirmed; nothing if all are paid already, unless this place was continued last. */
  async #plan(
    place: Pick<ContinueRequest, 'chain' | 'at' | 'reviewer'>,
  ): Promise<{ request: ContinueRequest; plan: ContinuePlan } | undefined> {
    for (;;) {
      const request = { ...place, samples: this.#samples };
      const { plan } = await this.#run({ ...request, plan: true });
      if (plan.requests === 0 && !isDeepStrictEqual(request, this.#request)) return { request, plan };
      const answer = await mayPay(plan);
      if (answer !== 'another number') return answer === 'continue' ? { request, plan } : undefined;
      const samples = await askSamples(this.#samples);
      if (samples === undefined) return undefined;
      this.#samples = samples;
    }
  }

  /** One run at a time: the round of continuations has one writer. */
  async #inTurn(...args: Parameters<RunContinue>): Promise<ContinueResult> {
    this.#running++;
    const run = this.#ended.then(() => this.#run(...args)).finally(() => this.#running--);
    this.#ended = run.catch(() => undefined);
    return await run;
  }

  /** Ends the open requests. What was paid stays in the journal. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  /** Keeps a continuation as a new chain, or writes it into the chain; while others are still written, after these. */
  async take(how: 'keep' | 'write', index: number): Promise<void> {
    if (this.#request === undefined) throw new UserError('continue', 'There are no continuations.', '');
    const asked = { ...this.#request, [how]: index };
    const key = JSON.stringify(asked);
    if (this.#taking.has(key)) return;
    this.#taking.add(key);
    await this.#take(asked).finally(() => this.#taking.delete(key));
  }

  async #take(asked: ContinueRequest): Promise<void> {
    if ((await this.#run({ ...asked, plan: true })).plan.requests > 0) {
      const advice = 'Continue from here again.';
      throw new UserError('continue', 'The text or the settings have changed since. Nothing was written.', advice);
    }
    if (this.#stop !== undefined) {
      this.#page.announce(t('Waits until the other continuations have ended. Stop ends them now.'), 'info');
    }
    const { kept, written } = await this.#inTurn(asked);
    if (kept !== undefined) this.#page.announce(t('Kept as the new chain {0}.', kept), 'info');
    if (written) this.#page.announce(t('Written into the chain, as an edit. Undo removes it.'), 'info');
  }
}

async function mayPay(plan: ContinuePlan): Promise<'continue' | 'another number' | undefined> {
  const { requests, reused, model, completionTokens, maxTokens, checkedBy } = plan;
  const go = t('Continue');
  const other = t('Another Number…');
  if (requests === 0) {
    const known = counted(
      reused,
      '{0} continuation of this place is paid already.',
      '{0} continuations of this place are paid already.',
    );
    const show = t('Show');
    const chosen = await showInformationMessage(known, { modal: true }, show, other);
    return chosen === show ? 'continue' : chosen === other ? 'another number' : undefined;
  }
  const question = t('Request {0} from {1}?', counted(requests, '{0} continuation', '{0} continuations'), model.model);
  const detail = [
    t(
      'About {0} in all, at most {1} each.',
      counted(completionTokens, '{0} token', '{0} tokens'),
      l10n.count(maxTokens),
    ),
    ...(reused > 0
      ? [t('{0} of this place are in the journal already.', counted(reused, '{0} continuation', '{0} continuations'))]
      : []),
    t('Cost: {0}.', formatContinuationCost(plan, isLocalModel(model), l10n)),
    formatPrefixCheck(checkedBy, l10n),
  ].join('\n');
  const answer = await showInformationMessage(question, { modal: true, detail }, go, other);
  return answer === go ? 'continue' : answer === other ? 'another number' : undefined;
}

async function askSamples(now: number): Promise<number | undefined> {
  let samples: number | undefined;
  await runSteps(t('Continue from Here'), async (ui) => {
    samples = await askNumber(ui, t('Continuations at this place'), MOST_SAMPLES, now);
    return undefined;
  });
  return samples;
}
