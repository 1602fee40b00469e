import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { defined } from '../../src/core/defined.ts';
import type { PlanPageChoices, ToPlanPage } from '../../src/protocol/plan-page.ts';
import type { SamplingPlanReport } from '../../src/protocol/sampling.ts';
import { type NumberOptions, numberField } from '../ui/fields.ts';
import { POLICIES, type PolicyField, type PolicyName } from './policies.ts';
import type { Command } from './table.ts';

/** Sends a change of the choices to the host. */
export type Change = (changes: Partial<PlanPageChoices>) => void;

function listField({ label, title }: PolicyField, value: readonly number[], change: (value: number[]) => void) {
  const read = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const numbers = input.value
      .split(/[\s,;/]+/)
      .filter(Boolean)
      .map(Number);
    const fits =
      numbers.length > 0 && numbers.length <= 20 && numbers.every((n) => Number.isInteger(n) && n >= 1 && n <= 10_000);
    input.setCustomValidity(fits ? '' : 'Whole numbers from 1 to 10,000, such as 2, 10, 100');
    input.reportValidity();
    if (fits) change(numbers);
  };
  return html`<label class="field" title=${title}>
    <span>${label}</span>
    <input type="text" inputmode="numeric" spellcheck="false" .value=${value.join(', ')} @change=${read} />
  </label>`;
}

/** The controls with the values of the plan. */
export function controlsView(
  shown: ToPlanPage & { report: SamplingPlanReport },
  change: Change,
  command: Command,
): TemplateResult {
  return html`
    ${modelPart(shown, change)} ${placePart(shown, command)} ${policyPart(shown.report, change)} ${budgetPart(shown.report, change)}
    ${responsePart(shown.report, shown.choices, change)}
  `;
}

function modelPart({ base, fineTuned, report }: ToPlanPage & { report: SamplingPlanReport }, change: Change) {
  const option = (role: 'base' | 'fine-tuned', name: string | null, label: string) => html`
    <option value=${role} ?selected=${report.role === role} ?disabled=${name === null}>
      ${label}: ${name ?? 'not chosen yet'}
    </option>`;
  return html`<fieldset>
    <legend>Model</legend>
    <select aria-label="Model" @change=${(event: Event) =>
      change({ role: (event.target as HTMLSelectElement).value === 'base' ? 'base' : 'fine-tuned' })}>
      ${option('fine-tuned', fineTuned, 'Fine-tuned')} ${option('base', base, 'Base')}
    </select>
  </fieldset>`;
}

function placePart({ place }: ToPlanPage, command: Command) {
  return html`<fieldset>
    <legend>Send requests from</legend>
    <div class="place">
      <span>
        <strong>${place?.title ?? 'This machine'}</strong>
        <span class="does">${place?.detail ?? 'Single requests'}</span>
      </span>
      <button type="button" class="key-button" @click=${() => command('choosePlace')}>Change…</button>
    </div>
    ${place?.warning === undefined ? nothing : html`<p class="place-warning" role="note">${place.warning}</p>`}
  </fieldset>`;
}

function policyPart({ settings }: SamplingPlanReport, change: Change) {
  const { policy } = settings;
  const values: Readonly<Record<string, unknown>> = policy;
  const set = (key: string, value: unknown): void => change({ policy: { ...policy, [key]: value } });
  const field = (one: PolicyField) => {
    const value = values[one.key];
    if (Array.isArray(value)) return listField(one, value as number[], (numbers) => set(one.key, numbers));
    const { label, title, min, max, step } = one;
    return numberField({
      label,
      title,
      min,
      value: typeof value === 'number' ? value : undefined,
      ...defined({ max, step }),
      change: (number) => set(one.key, number),
    });
  };
  const choice = (name: PolicyName, title: string, does: string) => html`<label class="policy">
    <input type="radio" name="policy" .checked=${live(policy.policy === name)} @change=${() => change({ policy: name })} />
    <span><strong>${title}</strong><span class="does">${does}</span></span>
  </label>`;
  return html`<fieldset role="radiogroup">
    <legend>Policy</legend>
    ${POLICIES.map(({ name, title, does, fields }) => [
      choice(name, title, does),
      policy.policy === name ? html`<div class="of-policy">${fields.map(field)}</div>` : nothing,
    ])}
  </fieldset>`;
}

function budgetPart({ settings, prices }: SamplingPlanReport, change: Change) {
  const { budget } = settings;
  const part = (key: keyof typeof budget, label: string, more: Partial<NumberOptions> = {}) =>
    numberField({
      label,
      value: budget[key],
      empty: 'no limit',
      change: (value) => change({ budget: { [key]: value ?? null } }),
      ...more,
    });
  const minutes = budget.seconds === undefined ? undefined : budget.seconds / 60;
  return html`<fieldset>
    <legend>Budget</legend>
    ${part('samples', 'Samples')} ${part('requests', 'Requests')} ${part('tokens', 'Tokens', { step: 1 })}
    ${part('money', 'Money', {
      min: 0.01,
      step: 0.01,
      disabled: prices === undefined,
      empty: prices === undefined ? 'no prices' : 'no limit',
      ...defined({ title: prices === undefined ? 'Set the prices of the model first' : undefined }),
    })}
    ${part('seconds', 'Minutes', {
      value: minutes,
      min: 0.5,
      step: 0.5,
      change: (value) => change({ budget: { seconds: value === undefined ? null : value * 60 } }),
    })}
  </fieldset>`;
}

function responsePart(
  { settings, response, concurrency }: SamplingPlanReport,
  choices: PlanPageChoices,
  change: Change,
) {
  return html`<fieldset>
    <legend>Problems and responses</legend>
    ${numberField({
      label: 'Max problems',
      title: 'The least sampled problems come first',
      value: choices.problems,
      empty: 'all',
      change: (problems) => change({ problems }),
    })}
    ${numberField({
      label: 'Kept per problem',
      value: settings.selection.keep,
      max: 10,
      change: (keep) => change({ keep }),
    })}
    ${numberField({
      label: 'Max tokens per response',
      value: response.maxTokens,
      change: (maxTokens) => change({ response: { ...choices.response, maxTokens } }),
    })}
    ${numberField({
      label: 'Temperature',
      value: response.temperature,
      min: 0,
      max: 2,
      step: 0.1,
      change: (temperature) => change({ response: { ...choices.response, temperature } }),
    })}
    ${numberField({
      label: 'Samples per request',
      title: 'Values above 1 need a server that supports n. Run Check Endpoint first.',
      value: choices.samplesPerRequest,
      empty: String(settings.samplesPerRequest ?? 1),
      max: 128,
      change: (samplesPerRequest) => change({ samplesPerRequest }),
    })}
    ${numberField({
      label: 'Requests in flight',
      value: concurrency,
      max: 512,
      change: (inFlight) => change({ concurrency: inFlight }),
    })}
  </fieldset>`;
}
