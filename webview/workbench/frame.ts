import { html, nothing, type TemplateResult } from 'lit';
import type { WorkbenchAction, WorkbenchSnapshot } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { row } from '../review/rows.ts';
import { CLASS_WORDS } from '../review/words.ts';
import { keyOf } from './keys.ts';
import { outcomeOf, shortHash } from './words.ts';

export type Perform = (action: WorkbenchAction) => void;

export function headerView(snapshot: WorkbenchSnapshot, perform: Perform): TemplateResult {
  const { dataset, role, model, promptSet, promptsHash, position, problems } = snapshot;
  const hash = promptsHash === null ? 'no prompts' : shortHash(promptsHash);
  return html`
    <strong>Prompt Workbench</strong>
    <span class="round">${dataset}</span>
    <span class="grow"></span>
    <button type="button" class="bare-button" title="Base or fine-tuned model" @click=${() => perform('model')}>
      <span class="dim">${role}</span> ${model ?? 'no model'} <kbd aria-hidden="true">${keyOf('model')}</kbd>
    </button>
    <span class="set dim" title="SHA-256 over the prompt files of the set; a round asked now would carry it">
      ${promptSet} prompts <code>${hash}</code>
    </span>
    <span class="position">${problems === 0 ? 'no problems' : `${position} of ${problems}`}</span>
  `;
}

/** The problem, the pieces with what came of them, and the chain: the way through the page. */
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
  if (piece.state === 'asking') return html`<span class="busy">asking …</span>`;
  if (piece.state === 'waiting') return html`<span class="dim">waiting</span>`;
  if (piece.last === null) return html`<span class="dim">not asked</span>`;
  const { verdict, check } = piece.last;
  const { look } = outcomeOf(piece.last);
  const words = verdict?.outcome ?? (check?.says == null ? 'no verdict' : `says ${check.says}`);
  return html`<span class=${piece.stale ? 'dim' : look}>${words}${piece.changed ? ' · edited' : ''}</span>`;
}

function chainRows({ class: kind, chain }: NonNullable<WorkbenchSnapshot['end']>): TemplateResult {
  const failed = chain?.filters.filter(({ passed }) => !passed).length ?? 0;
  return html`
    ${row('class', kind === null ? 'not known' : html`<span class="class-${kind}">${kind}</span> <span class="dim">${CLASS_WORDS[kind]}</span>`)}
    ${chain === null ? nothing : row('filters', failed === 0 ? 'all passed' : html`<span class="outcome-incorrect">${failed} failed</span>`)}
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
    ${keyButton('runFrom', 'From here on', perform, { disabled })}
    ${keyButton('runOne', 'This piece', perform, { disabled })}
    ${keyButton('otherSeed', 'Another seed', perform, { disabled })}
    ${keyButton('edit', 'Edit prompt', perform)}
    ${keyButton('compare', 'Compare', perform, { disabled: !current?.before })}
    <span class="grow">${quiet}</span>
    ${keyButton('choose', 'Problem…', perform, { disabled: running })}
    ${keyButton('nextProblem', 'Next', perform, { disabled: running, minor: true })}
    ${keyButton('random', 'Random', perform, { disabled: running, minor: true })}
    <button type="button" class="key-button bare" aria-label="Keyboard sheet" @click=${() => perform('help')}><kbd>?</kbd></button>
  `;
}
