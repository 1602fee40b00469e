import { html, nothing, type TemplateResult } from 'lit';
import type { ChatMessage } from '../../src/core/schemas/index.ts';
import { plural } from '../../src/core/text/format.ts';
import type { WorkbenchAction } from '../../src/protocol/keys.ts';
import type { TriedPiece, WorkbenchPiece } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { describeComparison, short } from '../ui/format.ts';
import { callFacts, outcomeOf, shortHash } from './format.ts';
import { keyOf } from './keys.ts';
import type { Live, Texts } from './texts.ts';

/** The state of a card besides the piece itself. */
export interface CardPage {
  texts: Texts;
  live: Live;
  current: boolean;
  /** Parts that are open. */
  messages: boolean;
  reasoning: boolean;
  perform(action: WorkbenchAction): void;
  toggled(part: 'messages' | 'reasoning', open: boolean): void;
}

/** One piece: its prompt file, the call, the reply and its outcome. */
export function cardView(piece: WorkbenchPiece, page: CardPage): TemplateResult {
  const { last, state } = piece;
  const title = pieceTitle(piece.piece);
  return html`<section
    class="card ${page.current ? 'current' : ''}"
    tabindex="-1"
    aria-label=${title}
    data-piece=${piece.piece}
  >
    <header>
      <h2>${title}</h2>
      ${last && state === 'idle' ? outcomeView(last) : nothing}
      ${promptView(piece, page)}
    </header>
    ${state === 'idle' ? (last === null ? html`<p class="dim">Not requested yet.</p>` : answeredView(piece, last, page)) : askingView(piece, page)}
  </section>`;
}

function outcomeView(last: TriedPiece): TemplateResult {
  const { text, look } = outcomeOf(last);
  return html`<span class=${look}>${text}</span>`;
}

function promptView({ prompt, promptHash, changed }: WorkbenchPiece, page: CardPage): TemplateResult {
  return html`<span class="prompt">
    ${changed ? html`<span class="chip edited" title="The file changed after the last run">changed</span>` : nothing}
    <code class="hash" title="SHA-256 of the prompt file and the fragments in it">${promptHash === null ? 'missing' : shortHash(promptHash)}</code>
    <button type="button" class="link" @click=${() => page.perform('edit')}>${prompt}.md</button>
    ${page.current ? html`<kbd aria-hidden="true">${keyOf('edit')}</kbd>` : nothing}
  </span>`;
}

function askingView({ state, asking, piece }: WorkbenchPiece, page: CardPage): TemplateResult {
  if (state === 'waiting' || asking === null) return html`<p class="dim">Waiting for its turn.</p>`;
  const { live } = page;
  return html`
    <p class="call"><span class="busy">requesting …</span> <span class="dim">seed ${asking.seed}</span></p>
    ${messagesView(`${piece} asking`, asking.messages, page)}
    <div class="body raw thought" ?hidden=${live.reasoning.data === ''}>${live.reasoning}</div>
    <div class="body raw streaming" aria-busy="true">${live.text}</div>
  `;
}

function answeredView({ stale, piece }: WorkbenchPiece, last: TriedPiece, page: CardPage): TemplateResult {
  const { reply } = last;
  const isReasoning = reply.text.trim() === '' && reply.reasoning !== undefined;
  return html`
    <p class="call dim">
      ${callFacts(last)}
      ${stale ? html`<span class="stale">· uses an earlier run; <kbd>${keyOf('runFrom')}</kbd> runs it again</span>` : nothing}
    </p>
    ${messagesView(piece, last.messages, page)}
    ${reply.reasoning === undefined || isReasoning ? nothing : reasoningView(piece, reply.reasoning, page)}
    ${isReasoning ? html`<p class="dim">The server returned only reasoning. It counts as the piece.</p>` : nothing}
    <div class="reply">${last.text.trim() === '' ? html`<p class="dim">The reply is empty.</p>` : page.texts.at(`${piece} reply`, last.text)}</div>
    ${last.verdict ? verdictView(last, last.verdict) : checkView(last.check)}
  `;
}

function messagesView(place: string, messages: readonly ChatMessage[], page: CardPage): TemplateResult {
  const count = plural(messages.length, 'message');
  return html`<details .open=${page.messages} @toggle=${(event: Event) => page.toggled('messages', isOpen(event))}>
    <summary>Sent <span class="dim">· ${count}</span></summary>
    ${
      page.messages
        ? messages.map(
            ({ role, content }, i) => html`<div class="message ${role}">
              <h3>${role}</h3>
              ${page.texts.at(`${place} message ${i}`, content)}
            </div>`,
          )
        : nothing
    }
  </details>`;
}

function reasoningView(piece: string, reasoning: string, page: CardPage): TemplateResult {
  return html`<details .open=${page.reasoning} @toggle=${(event: Event) => page.toggled('reasoning', isOpen(event))}>
    <summary>Reasoning <span class="dim">· ${plural(reasoning.length, 'character')}</span></summary>
    ${page.reasoning ? html`<div class="thought">${page.texts.at(`${piece} reasoning`, reasoning)}</div>` : nothing}
  </details>`;
}

const isOpen = (event: Event): boolean => event.target instanceof HTMLDetailsElement && event.target.open;

/** How grading decided. */
function verdictView(tried: TriedPiece, verdict: NonNullable<TriedPiece['verdict']>): TemplateResult {
  const { extracted, detail } = verdict;
  return html`<p class="how">
    ${outcomeView(tried)}
    <span class="dim">
      ${extracted === undefined ? (detail ?? 'No final answer was found.') : html`found <code>${short(extracted)}</code>. ${describeComparison(verdict)}`}
    </span>
  </p>`;
}

function checkView(check: TriedPiece['check']): TemplateResult {
  const text =
    check?.says == null
      ? 'No verdict line found. A round tries again, and a chain with this check is filtered out.'
      : check.agrees === null
        ? `Verdict line: “${check.says}”. The answer could not be graded.`
        : `Verdict line: “${check.says}”. Grading ${check.agrees ? 'agrees' : 'disagrees'}.`;
  return html`<p class="how"><span class="dim">${text}</span></p>`;
}
