import { html, nothing, type TemplateResult } from 'lit';
import type { ChatMessage } from '../../src/core/model/index.ts';
import type { TriedPiece, WorkbenchAction, WorkbenchPiece } from '../../src/protocol/workbench.ts';
import { pieceTitle } from '../rendering/trace.ts';
import { comparison, short } from '../review/words.ts';
import { keyOf } from './keys.ts';
import type { Live, Texts } from './texts.ts';
import { callFacts, outcomeOf, shortHash } from './words.ts';

/** What the page knows of a card besides the piece itself. */
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

/** One piece: its prompt file, the call, the reply and what was made of it. */
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
    ${state === 'idle' ? (last === null ? html`<p class="dim">Not asked yet.</p>` : answeredView(piece, last, page)) : askingView(piece, page)}
  </section>`;
}

function outcomeView(last: TriedPiece): TemplateResult {
  const { words, look } = outcomeOf(last);
  return html`<span class=${look}>${words}</span>`;
}

function promptView({ prompt, promptHash, changed }: WorkbenchPiece, page: CardPage): TemplateResult {
  return html`<span class="prompt">
    ${changed ? html`<span class="chip edited" title="The file is another one than the last run was asked with">changed</span>` : nothing}
    <code class="hash" title="SHA-256 of the prompt file and the fragments in it">${promptHash === null ? 'missing' : shortHash(promptHash)}</code>
    <button type="button" class="link" @click=${() => page.perform('edit')}>${prompt}.md</button>
    ${page.current ? html`<kbd aria-hidden="true">${keyOf('edit')}</kbd>` : nothing}
  </span>`;
}

function askingView({ state, asking, piece }: WorkbenchPiece, page: CardPage): TemplateResult {
  if (state === 'waiting' || asking === null) return html`<p class="dim">Waiting for its turn.</p>`;
  const { live } = page;
  return html`
    <p class="call"><span class="busy">asking …</span> <span class="dim">seed ${asking.seed}</span></p>
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
      ${stale ? html`<span class="stale">· builds on an earlier run; <kbd>${keyOf('runFrom')}</kbd> asks again</span>` : nothing}
    </p>
    ${messagesView(piece, last.messages, page)}
    ${reply.reasoning === undefined || isReasoning ? nothing : reasoningView(piece, reply.reasoning, page)}
    ${isReasoning ? html`<p class="dim">The server put everything into the reasoning; it counts as the piece.</p>` : nothing}
    <div class="reply">${last.text.trim() === '' ? html`<p class="dim">The reply is empty.</p>` : page.texts.at(`${piece} reply`, last.text)}</div>
    ${last.verdict ? verdictView(last.verdict) : checkView(last.check)}
  `;
}

function messagesView(place: string, messages: readonly ChatMessage[], page: CardPage): TemplateResult {
  const count = messages.length === 1 ? '1 message' : `${messages.length} messages`;
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
    <summary>Reasoning <span class="dim">· ${reasoning.length.toLocaleString('en')} characters</span></summary>
    ${page.reasoning ? html`<div class="thought">${page.texts.at(`${piece} reasoning`, reasoning)}</div>` : nothing}
  </details>`;
}

const isOpen = (event: Event): boolean => event.target instanceof HTMLDetailsElement && event.target.open;

/** How grading decided. */
function verdictView(verdict: NonNullable<TriedPiece['verdict']>): TemplateResult {
  const { extracted, outcome, detail } = verdict;
  return html`<p class="how">
    <span class="outcome-${outcome}">${outcome}</span>
    <span class="dim">
      ${extracted === undefined ? 'No final answer was found.' : html`found <code>${short(extracted)}</code>.`}
      ${comparison(verdict)} ${detail ?? ''}
    </span>
  </p>`;
}

function checkView(check: TriedPiece['check']): TemplateResult {
  const text =
    check?.says == null
      ? 'No verdict line was found: a round would try again, and a chain with this check is rejected.'
      : check.agrees === null
        ? `Its verdict line says “${check.says}”; grading could not tell.`
        : `Its verdict line says “${check.says}”; grading of the answer ${check.agrees ? 'says so too' : 'says otherwise'}.`;
  return html`<p class="how"><span class="dim">${text}</span></p>`;
}
