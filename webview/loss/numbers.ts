import { html, nothing, type TemplateResult } from 'lit';
import { formatCount, formatDuration, formatMeasure } from '../../src/core/text/format.ts';
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
  lost: 'lost: the engine no longer lists it',
  unreachable: 'unknown: the engine could not be reached',
  unasked: 'unknown: the engine was not queried',
};

export const stateText = ({ state }: RunReport): string => STATES[state];

export const stateChip = (report: RunReport): TemplateResult =>
  html`<span class="chip state-${report.state}">${stateText(report)}</span>`;

/** The last reported numbers; missing ones have no tile. */
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
        ? `${formatMeasure(1 / stepsPerSecond)} s/step`
        : `${formatMeasure(stepsPerSecond)} steps/s`;
  const rate = of('lr');
  return html`<dl class="tiles">
    ${tile('Step', step === undefined ? undefined : `${formatCount(step)}${total === undefined ? '' : ` of ${formatCount(total)}`}`, epoch === undefined ? undefined : `epoch ${formatMeasure(epoch)}`)}
    ${tile('Loss', last?.loss === undefined ? undefined : formatMeasure(last.loss, 4), last?.smoothed === undefined ? undefined : `smoothed ${formatMeasure(last.smoothed, 4)}`)}
    ${tile('Learning rate', rate === undefined ? undefined : formatMeasure(rate))}
    ${tile('Gradient norm', of('gradNorm') === undefined ? undefined : formatMeasure(of('gradNorm') ?? 0))}
    ${tile('Tokens', tokens === undefined ? undefined : formatCount(tokens))}
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

/** From the step rate, only while the run is running. */
export function timeLeft({ secondsLeft }: RunCurve, state: RunReport['state']): string | undefined {
  return secondsLeft === undefined || state !== 'running' ? undefined : `about ${formatDuration(secondsLeft)}`;
}
