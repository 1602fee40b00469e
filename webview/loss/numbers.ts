import { html, nothing, type TemplateResult } from 'lit';
import type { RunCurve } from '../../src/core/training/curve.ts';
import type { LossRun } from '../../src/protocol/loss-page.ts';
import type { RunReport } from '../../src/protocol/training.ts';

const STATES: Record<RunReport['state'], string> = {
  prepared: 'prepared, never started',
  pending: 'waiting to start',
  running: 'running',
  stopped: 'stopped',
  succeeded: 'finished',
  failed: 'failed',
  lost: 'lost: the engine does not know it any more',
  unreachable: 'not known: the engine was not reached',
  unasked: 'not known: the engine was not asked',
};

export const stateWords = ({ state }: RunReport): string => STATES[state];

export const stateChip = (report: RunReport): TemplateResult =>
  html`<span class="chip state-${report.state}">${stateWords(report)}</span>`;

/** What the trainer said last; a number that it did not say has no tile. */
export function tilesView({ report, curve }: LossRun): TemplateResult {
  const { step, total, points, epoch, tokens, stepsPerSecond } = curve;
  const last = points.findLast(({ loss }) => loss !== undefined);
  const of = (key: 'lr' | 'gradNorm'): number | undefined =>
    points.findLast((point) => point[key] !== undefined)?.[key];
  const left = timeLeft(curve, report.state);
  const pace =
    stepsPerSecond === undefined
      ? undefined
      : stepsPerSecond < 1
        ? `${short(1 / stepsPerSecond)} s a step`
        : `${short(stepsPerSecond)} steps a second`;
  const rate = of('lr');
  return html`<dl class="tiles">
    ${tile('Step', step === undefined ? undefined : `${step.toLocaleString('en')}${total === undefined ? '' : ` of ${total.toLocaleString('en')}`}`, epoch === undefined ? undefined : `epoch ${short(epoch)}`)}
    ${tile('Loss', last?.loss === undefined ? undefined : short(last.loss, 4), last?.smoothed === undefined ? undefined : `smoothed ${short(last.smoothed, 4)}`)}
    ${tile('Learning rate', rate === undefined ? undefined : short(rate))}
    ${tile('Gradient norm', of('gradNorm') === undefined ? undefined : short(of('gradNorm') ?? 0))}
    ${tile('Tokens', tokens?.toLocaleString('en'))}
    ${tile('Time left', left, pace)}
  </dl>`;
}

function tile(label: string, value: string | undefined, below?: string): TemplateResult | typeof nothing {
  if (value === undefined) return nothing;
  return html`<div class="tile">
    <dt>${label}</dt>
    <dd>${value}${below === undefined ? nothing : html`<span class="dim">${below}</span>`}</dd>
  </div>`;
}

/** By the step rate alone, and only while it runs. */
export function timeLeft({ secondsLeft }: RunCurve, state: RunReport['state']): string | undefined {
  return secondsLeft === undefined || state !== 'running' ? undefined : `about ${duration(secondsLeft)}`;
}

/** A few digits; a power of ten where there would be many zeros, as learning rates are written. */
export function short(value: number, digits = 3): string {
  const rounded = Number(value.toPrecision(digits));
  return rounded !== 0 && Math.abs(rounded) < 0.001 ? rounded.toExponential() : String(rounded);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} d`;
}
