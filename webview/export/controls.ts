import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { defaultName, EXPORT_FORMS, FORM_IDS, type FormId, unusedChoices } from '../../src/core/export/forms/index.ts';
import { formatCount, plural } from '../../src/core/text/format.ts';
import type { ExportPlan } from '../../src/protocol/export.ts';
import type { ExportChoices, FromExportPage } from '../../src/protocol/export-page.ts';
import { numberField } from '../ui/fields.ts';

/** Sends a change of the choices to the host. */
export type Change = (changes: Partial<ExportChoices>) => void;
export type Post = (message: FromExportPage) => void;

interface Shown {
  choices: ExportChoices;
  report: ExportPlan;
  named: number | null;
}

/** The controls with the choices. */
export function controlsView(shown: Shown, change: Change, post: Post): TemplateResult {
  const form = EXPORT_FORMS[shown.choices.form ?? 'sft'];
  if (form.unit === 'problem')
    return html`${formPart(shown, change)} ${namedNote(shown, post)} ${problemsPart(shown, change)} ${filesPart(shown, change)}`;
  const isStepped = form.takes === 'stepped';
  return html`${formPart(shown, change)} ${isStepped ? nothing : selectionPart(shown, change)} ${sourcePart(shown, change, post)}
  ${rowsPart(shown, change, post)} ${isStepped ? nothing : reasoningPart(shown, change)} ${splitPart(shown, change)} ${filesPart(shown, change)}`;
}

interface Option<V extends string> {
  value: V;
  title: string;
  detail?: string;
  disabled?: boolean;
}

function radios<V extends string>(
  legend: string,
  options: readonly Option<V>[],
  value: V,
  choose: (value: V) => void,
): TemplateResult {
  return html`<fieldset role="radiogroup">
    <legend>${legend}</legend>
    ${options.map(
      (option) => html`<label class="policy">
        <input type="radio" name=${legend} .checked=${live(option.value === value)} ?disabled=${option.disabled ?? false}
          @change=${() => choose(option.value)} />
        <span><strong>${option.title}</strong><span class="does">${option.detail ?? nothing}</span></span>
      </label>`,
    )}
  </fieldset>`;
}

function select<V extends string>(
  label: string,
  options: readonly Option<V>[],
  value: V,
  choose: (value: V) => void,
): TemplateResult {
  return html`<label class="field">
    <span>${label}</span>
    <select @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as V)}>
      ${options.map(
        (option) =>
          html`<option value=${option.value} .selected=${live(option.value === value)} ?disabled=${option.disabled ?? false}>${option.title}</option>`,
      )}
    </select>
  </label>`;
}

function textField(
  label: string,
  value: string | undefined,
  { placeholder, title }: { placeholder: string; title: string },
  choose: (value: string | undefined) => void,
): TemplateResult {
  const read = (event: Event): void => choose((event.target as HTMLInputElement).value.trim() || undefined);
  return html`<label class="text-field" title=${title}>
    <span>${label}</span>
    <input type="text" spellcheck="false" placeholder=${placeholder} .value=${value ?? ''} @change=${read} />
  </label>`;
}

function formPart({ choices }: Shown, change: Change): TemplateResult {
  const form = EXPORT_FORMS[choices.form ?? 'sft'];
  const choose = (id: FormId): void => {
    const unused = unusedChoices(EXPORT_FORMS[id]).flatMap(({ names }) => names.map((name) => [name, undefined]));
    change({ form: id === 'sft' ? undefined : id, ...Object.fromEntries(unused) });
  };
  return html`<fieldset>
    <legend>Form</legend>
    ${select(
      'Rows for',
      FORM_IDS.map((id) => ({ value: id, title: EXPORT_FORMS[id].title })),
      choices.form ?? 'sft',
      choose,
    )}
    <p class="does">${form.summary}</p>
    ${form.unit === 'pair' ? pairFields(choices, change) : nothing}
  </fieldset>`;
}

function pairFields(choices: ExportChoices, change: Change): TemplateResult {
  return html`${select(
    'Pairs',
    [
      { value: 'samples', title: 'right with wrong' },
      { value: 'length', title: 'of equal length' },
      { value: 'edits', title: 'edit with original' },
    ],
    choices.pairs ?? 'samples',
    (pairs) => change({ pairs }),
  )}
  ${numberField({
    label: 'Max pairs per problem',
    value: choices.pairsPerProblem,
    empty: '4',
    max: 1000,
    change: (pairsPerProblem) => change({ pairsPerProblem }),
  })}`;
}

function problemsPart({ choices }: Shown, change: Change): TemplateResult {
  const [low, high] = (choices.passRate ?? '').split('-').map(Number);
  const set = (from = 0, to = 1): void => change({ passRate: from === 0 && to === 1 ? undefined : `${from}-${to}` });
  return html`<fieldset>
    <legend>Problems</legend>
    ${numberField({ label: 'Minimum pass rate', value: low || undefined, empty: '0', min: 0, max: high ?? 1, step: 0.05, change: (from) => set(from, high) })}
    ${numberField({ label: 'Maximum pass rate', value: high, empty: '1', min: low || 0, max: 1, step: 0.05, change: (to) => set(low, to) })}
    <label class="policy">
      <input type="checkbox" .checked=${live(choices.suspects ?? false)}
        @change=${(event: Event) => change({ suspects: (event.target as HTMLInputElement).checked || undefined })} />
      <span>Also with a suspect gold answer</span>
    </label>
  </fieldset>`;
}

function reasoningPart({ choices }: Shown, change: Change): TemplateResult {
  return html`<fieldset>
    <legend>Reasoning</legend>
    ${select(
      'Thought',
      [
        { value: 'auto', title: 'as the model reads it' },
        { value: 'reasoning_content', title: 'reasoning_content' },
        { value: 'thinking', title: 'thinking' },
        { value: 'tags', title: '<think> tags' },
        { value: 'plain', title: 'plain text' },
      ],
      choices.reasoning ?? 'auto',
      (reasoning) => change({ reasoning }),
    )}
    ${select(
      'Chains in pieces',
      [
        { value: 'answer', title: 'all is the answer' },
        { value: 'thought', title: 'thought, then summary' },
      ],
      choices.pieces ?? 'answer',
      (pieces) => change({ pieces }),
    )}
    ${textField('Folder of the model', choices.model, { placeholder: 'reasoning_content without one', title: 'Its chat template shows where the thought belongs' }, (model) => change({ model }))}
  </fieldset>`;
}

function selectionPart({ choices, report }: Shown, change: Change): TemplateResult {
  const { accepted, passed } = report.choices;
  return radios(
    'Chains',
    [
      {
        value: 'accepted',
        title: `Accepted (${formatCount(accepted)})`,
        detail: 'Accepted by a reviewer, rejected by none.',
      },
      {
        value: 'passed',
        title: `Passed the filters (${formatCount(passed)})`,
        detail: 'Also unreviewed ones. Overruled verdicts count. Rejected by no reviewer.',
      },
    ],
    choices.select,
    (select) => change({ select }),
  );
}

function namedNote({ named }: Pick<Shown, 'named'>, post: Post): TemplateResult | typeof nothing {
  if (named === null) return nothing;
  return html`<p class="named">Only ${plural(named, 'chain')} from the chain table.
    <button type="button" class="link" @click=${() => post({ type: 'allChains' })}>Use all chains</button></p>`;
}

function sourcePart({ choices, report, named }: Shown, change: Change, post: Post): TemplateResult {
  const { sources, rounds, views } = report.choices;
  const both = sources.dialogue > 0 && sources.sampling > 0;
  return html`<fieldset>
    <legend>Source</legend>
    ${namedNote({ named }, post)}
    ${
      EXPORT_FORMS[choices.form ?? 'sft'].takes === 'selected' && (both || (choices.source ?? 'all') !== 'all')
        ? select(
            'Kinds of chains',
            [
              { value: 'all', title: 'All, unchanged' },
              { value: 'merged', title: 'Merged, with source sentences' },
              { value: 'dialogue', title: `Chains only (${formatCount(sources.dialogue)})` },
              { value: 'sampling', title: `Responses only (${formatCount(sources.sampling)})` },
            ],
            choices.source ?? 'all',
            (source) => change({ source }),
          )
        : nothing
    }
    ${Object.keys(rounds).length > 1 ? roundsPart(rounds, choices, change) : nothing}
    ${textField('Query', choices.where, { placeholder: 'such as tokens < 4000', title: 'Only chains of this query' }, (where) => change({ where }))}
    ${
      views.length === 0
        ? nothing
        : select(
            'Saved view',
            [{ value: '', title: 'none' }, ...views.map((name) => ({ value: name, title: name }))],
            choices.view ?? '',
            (view) => change({ view: view || undefined }),
          )
    }
  </fieldset>`;
}

function roundsPart(rounds: ExportPlan['choices']['rounds'], choices: ExportChoices, change: Change): TemplateResult {
  const chosen = choices.rounds ?? Object.keys(rounds);
  const toggle = (round: string, isOn: boolean): void => {
    const next = Object.keys(rounds).filter((one) => (one === round ? isOn : chosen.includes(one)));
    change({ rounds: next.length === Object.keys(rounds).length ? undefined : next });
  };
  return html`<details class="rounds" ?open=${choices.rounds !== undefined}>
    <summary>Rounds: ${choices.rounds === undefined ? 'all' : formatCount(chosen.length)}</summary>
    ${Object.entries(rounds).map(
      ([round, size]) => html`<label class="policy">
        <input type="checkbox" .checked=${live(chosen.includes(round))}
          @change=${(event: Event) => toggle(round, (event.target as HTMLInputElement).checked)} />
        <span>${round} <span class="dim">${formatCount(size)}</span></span>
      </label>`,
    )}
  </details>`;
}

function rowsPart({ choices, report }: Shown, change: Change, post: Post): TemplateResult {
  const { isExamined } = report.choices;
  return html`<fieldset>
    <legend>Rows</legend>
    ${select(
      'Duplicates',
      [
        { value: 'none', title: 'keep' },
        { value: 'exact', title: 'remove equal texts' },
        { value: 'near', title: 'remove near-duplicates', disabled: !isExamined },
      ],
      choices.dedupe ?? 'none',
      (dedupe) => change({ dedupe }),
    )}
    ${
      isExamined
        ? nothing
        : html`<p class="does">Near-duplicates are known after an examination.
          <button type="button" class="link" @click=${() => post({ type: 'examine' })}>Examine…</button></p>`
    }
    ${numberField({
      label: 'Max rows per problem',
      value: choices.perProblem,
      empty: 'all',
      change: (perProblem) => change({ perProblem }),
    })}
    ${select(
      'Order',
      [
        { value: 'stored', title: 'as stored' },
        { value: 'problem', title: 'by problem' },
        { value: 'easy', title: 'easy first' },
        { value: 'shuffled', title: 'shuffled' },
      ],
      choices.order ?? 'stored',
      (order) => change({ order }),
    )}
  </fieldset>`;
}

function splitPart({ choices }: Shown, change: Change): TemplateResult {
  return html`<fieldset>
    <legend>Validation</legend>
    ${numberField({
      label: 'Share in percent',
      title: 'Near-duplicate problems are never in both sets',
      value: choices.validation === undefined ? undefined : Math.round(choices.validation * 10_000) / 100,
      empty: 'none',
      min: 0,
      max: 50,
      step: 0.25,
      change: (percent) => change({ validation: percent ? percent / 100 : undefined }),
    })}
    ${numberField({
      label: 'Seed',
      title: 'Of what is drawn or shuffled',
      value: choices.seed,
      empty: '42',
      min: 0,
      max: 0xffff_ffff,
      change: (seed) => change({ seed }),
    })}
  </fieldset>`;
}

function filesPart({ choices }: Shown, change: Change): TemplateResult {
  const usual = EXPORT_FORMS[choices.form ?? 'sft'].formats ?? 'jsonl';
  return html`<fieldset>
    <legend>Files</legend>
    ${select(
      'Format',
      [
        { value: 'jsonl', title: 'JSONL' },
        { value: 'parquet', title: 'Parquet' },
        { value: 'both', title: 'JSONL and Parquet' },
      ],
      choices.files ?? usual,
      (files) => change({ files: files === usual ? undefined : files }),
    )}
    ${textField('Folder in exports/', choices.name, { placeholder: defaultName(choices), title: 'An export of this name is never overwritten: the new one gets a number' }, (name) => change({ name }))}
  </fieldset>`;
}
