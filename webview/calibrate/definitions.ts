import { html, type TemplateResult } from 'lit';
import { BEHAVIOURS, type Behaviour } from '../../src/core/schemas/index.ts';
import { keyOf } from './keys.ts';

interface Definition {
  /** As in docs/reference/annotation-guide.md, which a test compares. */
  is: string;
  not: string;
}

/** Short definitions of the kinds. */
export const DEFINITIONS: Readonly<Record<Behaviour, Definition>> = {
  verification: {
    is: 'Something already stated is tested.',
    not: 'Not: a first computation, a search over candidates, a restatement, doubt that tests nothing.',
  },
  backtracking: {
    is: 'The chain turns away from something it had begun or claimed.',
    not: 'Not: a doubt that ends in “no, it is fine”, the next case of a plan, the new work after the turn.',
  },
  subgoal: {
    is: 'The chain states what must be reached next, as a step towards the answer.',
    not: 'Not: the question restated, the announcement of a check, what the same sentence computes at once.',
  },
  backward: {
    is: 'The chain starts from the goal or from the end and asks what must come before.',
    not: 'Not: a found answer put back to test it, a single “we need”.',
  },
};

/** Rules for all kinds. */
const RULES: readonly string[] = [
  'Label what the sentence does at this point of the chain, not which words it uses. Most sentences have none of the four; some have several.',
  'A behaviour is an episode: the sentences that carry it out and the one that says how it came out belong to it.',
  'In doubt between a kind and none, choose none; skip only what cannot be judged.',
];

/** The short annotation guide. */
export function definitionsView(): TemplateResult {
  return html`
    <h2>What counts</h2>
    <dl class="definitions">
      ${BEHAVIOURS.map(
        (kind) => html`<div>
          <dt><kbd>${keyOf(kind)}</kbd> <span class="kind ${kind}"><span class="stroke"></span>${kind}</span></dt>
          <dd>${DEFINITIONS[kind].is} <span class="dim">${DEFINITIONS[kind].not}</span></dd>
        </div>`,
      )}
    </dl>
    <ul class="rules">
      ${RULES.map((rule) => html`<li>${rule}</li>`)}
    </ul>
    <p class="dim">With examples in docs/reference/annotation-guide.md.</p>
  `;
}
