import { html, nothing, render, type TemplateResult } from 'lit';
import { formatCount, plural, shortened } from '../../src/core/text/format.ts';
import type { SharedChain, SharedDecision, SharedReview } from '../../src/protocol/share.ts';
import { markdown } from '../rendering/short.ts';
import { Slices } from '../rendering/slices.ts';
import { TraceView } from '../rendering/trace.ts';

const SIGNS: Readonly<Record<string, string>> = { correct: '✓', incorrect: '✕' };

/** The shared page: a list of chains, and the chosen one. It only reads. */
export class ShareApp {
  readonly #review: SharedReview;
  readonly #root: HTMLElement;
  readonly #slices = new Slices();
  readonly #problems = new Map<string, HTMLElement>();
  #at = 0;
  #trace: TraceView | undefined;

  constructor(review: SharedReview, root: HTMLElement) {
    this.#review = review;
    this.#root = root;
    root.className = 'reader share';
    this.#slices.add(0, () => this.#trace?.work(false));
    addEventListener('keydown', (event) => this.#key(event));
  }

  /** Shows a chain by its place in the list. */
  show(at: number): void {
    const chain = this.#review.chains[at];
    if (chain === undefined) return;
    this.#at = at;
    const { text, segments, spans, candidates, steps } = chain;
    this.#trace = new TraceView({ text, segments, spans, candidates, steps, own: [] });
    this.#trace.onWork = () => this.#slices.wake();
    this.#draw(chain, this.#trace.element);
    const scroller = this.#root.querySelector<HTMLElement>('.scroller');
    if (scroller !== null) {
      scroller.scrollTop = 0;
      scroller.onscroll = () => this.#trace?.followScreen(scroller);
    }
    this.#root.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
    this.#slices.wake();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { n: 1, p: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.show(this.#at + step);
  }

  #draw(chain: SharedChain, trace: HTMLElement): void {
    const { dataset, query, createdAt, chains } = this.#review;
    const day = createdAt.slice(0, 10);
    render(
      html`<header class="head">
          <strong>${dataset}</strong>
          <span class="dim">${query === '' ? 'all chains' : query}</span>
          <span class="grow"></span>
          <span class="dim">${plural(chains.length, 'chain')} · ${day}</span>
        </header>
        <div class="columns">
          <nav aria-label="Chains">
            <ol>${chains.map((one, at) => this.#row(one, at))}</ol>
          </nav>
          <main class="scroller" tabindex="0" aria-label="Chain of thought">
            ${this.#facts(chain)} ${trace}
          </main>
        </div>
        <footer class="foot dim">
          <kbd>n</kbd> next <kbd>p</kbd> previous · Read-only review made with Longhand. Formulas by KaTeX.
        </footer>`,
      this.#root,
    );
  }

  #row(chain: SharedChain, at: number): TemplateResult {
    const { id, problem, verdict, decision } = chain;
    const current = at === this.#at;
    return html`<li>
      <button aria-current=${current ? 'true' : nothing} title=${id} @click=${() => this.show(at)}>
        <span class="number">${at + 1}</span>
        <span class="outcome-${verdict.outcome}" title=${outcomeOf(chain)}>${SIGNS[verdict.outcome] ?? '–'}</span>
        <span class="excerpt">${shortened(problem.problem, 90)}</span>
        <span class="dim">${decision}</span>
      </button>
    </li>`;
  }

  #facts(chain: SharedChain): TemplateResult {
    const { id, round, model, tokens, problem, verdict, failed, reviews, kind } = chain;
    const facts: [name: string, value: string | undefined][] = [
      ['Gold answer', problem.answer],
      ['Final answer', `${verdict.extracted ?? 'none'} (${outcomeOf(chain)})`],
      ['Class', kind],
      ['Level', problem.level === undefined ? undefined : String(problem.level)],
      ['Topic', problem.topic],
      ['Model', model],
      ['Round', round],
      ['Chain', id],
      ['Tokens', `${tokens.estimated ? 'about ' : ''}${formatCount(tokens.count)}`],
      ['Source', [problem.source, problem.licence].filter(Boolean).join(', ')],
    ];
    return html`<section class="about" aria-label="Problem">
      <h1>Chain ${formatCount(this.#at + 1)} of ${formatCount(this.#review.chains.length)}</h1>
      <div class="problem">${this.#problem(chain)}</div>
      <dl>${facts.map(([name, value]) => (value ? html`<div><dt>${name}</dt><dd>${value}</dd></div>` : nothing))}</dl>
      ${failed.map(({ id: filter, reason }) => html`<p><span class="outcome-incorrect">✕ ${filter}</span> ${reason ?? ''}</p>`)}
      ${reviews.length === 0 ? html`<p class="dim">Not reviewed</p>` : html`<ul>${reviews.map(reviewView)}</ul>`}
    </section>`;
  }

  #problem({ problem: { id, problem } }: SharedChain): HTMLElement {
    const element = this.#problems.get(id) ?? markdown(problem);
    this.#problems.set(id, element);
    return element;
  }
}

function outcomeOf({ verdict, edited }: SharedChain): string {
  return edited ? `${verdict.outcome}, graded before the edit` : verdict.outcome;
}

function reviewView({ reviewer, decision, reason, note, tags = [], override }: SharedDecision): TemplateResult {
  const parts = [
    reason && `“${reason}”`,
    override && `verdict overruled as ${override.outcome}: “${override.reason}”`,
    note && `note: “${note}”`,
    tags.length > 0 && `tags: ${tags.join(', ')}`,
  ].filter(Boolean);
  return html`<li><strong>${decision}</strong> by ${reviewer}${parts.length === 0 ? '' : ` · ${parts.join(' · ')}`}</li>`;
}
