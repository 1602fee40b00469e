import { html, nothing, type TemplateResult } from 'lit';
import { CLASS_NAMES } from '../../src/core/schemas/index.ts';
import { formatCount } from '../../src/core/text/format.ts';
import type { WorkbenchAction } from '../../src/protocol/keys.ts';
import type { WorkbenchSnapshot } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { row } from '../ui/rows.ts';
import { outcomeOf, shortHash } from './format.ts';
import { keyOf } from './keys.ts';

export type Perform = (action: WorkbenchAction) => void;

export function headerView(snapshot: WorkbenchSnapshot, perform: Perform): TemplateResult {
  const { dataset, role, model, promptSet, promptsHash, position, problems } = snapshot;
  const hash = promptsHash === null ? 'no prompts' : shortHash(promptsHash);
  return html`
    <h1>Prompt Workbench</h1>
    <span class="round">${dataset}</span>
    <span class="grow"></span>
    <button type="button" class="bare-button" title="Base or fine-tuned model" @click=${() => perform('model')}>
      <span class="dim">${role}</span> ${model ?? 'no model'} <kbd aria-hidden="true">${keyOf('model')}</kbd>
    </button>
    <span class="set dim" title="SHA-256 of the prompt files of the set. A round started now records it.">
      ${promptSet} prompts <code>${hash}</code>
    </span>
    <span class="position">${problems === 0 ? 'no problems' : `${formatCount(position)} of ${formatCount(problems)}`}</span>
  `;
}

/** The navigation: problem, pieces with their outcomes, and chain. */
export function sideView(
  snapshot: WorkbenchSnapshot,
  nodes: { problem: Node; gold: Node } | undefined,
  at: string | undefined,
  go: (piece: string) => void,
): TemplateResult {
  const { problem, pieces, end } = snapshot;
  if (problem === null || nodes === undefined) return html``;
  const origin = [problem.id, problem.topic].filter((part) => part !== undefined).join(' · ');
  return html`
    <section>
      <h2>Problem</h2>
      <div class="problem-text">${nodes.problem}</div>
      <p class="dim">${origin}</p>
      ${row('gold', nodes.gold)}
    </section>
    <nav aria-label="Pieces">
      <h2>Pieces</h2>
      ${pieces.map(
        (piece) => html`<button
          type="button"
          class="step ${piece.piece === at ? 'current' : ''}"
          aria-current=${piece.piece === at ? 'step' : nothing}
          @click=${() => go(piece.piece)}
        ><span>${pieceTitle(piece.piece)}</span> ${stepState(piece)}</button>`,
      )}
    </nav>
    ${end === null ? nothing : html`<section><h2>Chain</h2>${chainRows(end)}</section>`}
  `;
}

function stepState(piece: WorkbenchSnapshot['pieces'][number]): TemplateResult {
  if (piece.state === 'asking') return html`<span class="busy">requesting …</span>`;
  if (piece.state === 'waiting') return html`<span class="dim">waiting</span>`;
  if (piece.last === null) return html`<span class="dim">not requested</span>`;
  const { verdict, check } = piece.last;
  const { look, text: outcome } = outcomeOf(piece.last);
  const text = verdict || check?.says == null ? outcome : `verdict line: ${check.says}`;
  return html`<span class=${piece.stale ? 'dim' : look}>${text}${piece.changed ? ' · edited' : ''}</span>`;
}

function chainRows({ class: kind, chain }: NonNullable<WorkbenchSnapshot['end']>): TemplateResult {
  const failed = chain?.filters.filter(({ passed }) => !passed).length ?? 0;
  return html`
    ${row('class', kind === null ? 'unknown' : html`<span class="class-${kind}">${kind}</span> <span class="dim">${CLASS_NAMES[kind]}</span>`)}
    ${chain === null ? nothing : row('filters', failed === 0 ? 'all passed' : html`<span class="outcome-incorrect">${formatCount(failed)} failed</span>`)}
  `;
}

/** Keys as buttons. A click does not take the focus. */
function keyButton(
  action: WorkbenchAction,
  label: string,
  perform: Perform,
  look: { primary?: boolean; disabled?: boolean; minor?: boolean } = {},
): TemplateResult {
  return html`<button
    type="button"
    class="key-button brief ${look.primary ? 'primary' : ''} ${look.minor ? 'minor' : ''}"
    ?disabled=${look.disabled ?? false}
    title=${label}
    @mousedown=${(event: Event) => event.preventDefault()}
    @click=${() => perform(action)}
  ><kbd aria-hidden="true">${keyOf(action)}</kbd><span class="words">${label}</span></button>`;
}

export function footerView(
  { running, problem, trusted }: WorkbenchSnapshot,
  current: WorkbenchSnapshot['pieces'][number] | undefined,
  quiet: HTMLElement,
  perform: Perform,
): TemplateResult {
  const disabled = running || problem === null || !trusted;
  return html`
    ${running ? keyButton('stop', 'Stop', perform, { primary: true }) : keyButton('runAll', 'Run all', perform, { primary: true, disabled })}
    ${keyButton('runFrom', 'Run from here', perform, { disabled })}
    ${keyButton('runOne', 'Run piece', perform, { disabled })}
    ${keyButton('otherSeed', 'Another seed', perform, { disabled, minor: true })}
    ${keyButton('edit', 'Edit prompt', perform)}
    ${keyButton('compare', 'Compare', perform, { disabled: !current?.before })}
    ${keyButton('choose', 'Problem…', perform, { disabled: running })}
    ${keyButton('nextProblem', 'Next', perform, { disabled: running, minor: true })}
    <button type="button" class="key-button bare" @click=${() => perform('help')}><kbd aria-hidden="true">${keyOf('help')}</kbd><span class="spoken">Keyboard sheet</span></button>
    <span class="grow">${quiet}</span>
  `;
}
