import { answerPlace, type Place } from '../../src/core/review/index.ts';
import type { PhaseRun } from '../../src/core/review/phase-runs.ts';
import type { Verdict } from '../../src/core/schemas/index.ts';
import type { ReviewItem } from '../../src/protocol/review.ts';
import { formula } from '../rendering/formula.ts';
import { markdown } from '../rendering/short.ts';
import { type TraceContent, TraceView } from '../rendering/trace.ts';
import type { FactNodes } from './facts/facts.ts';
import type { FoundAnswer } from './facts/verdict.ts';

/** The rendered nodes of a chain: its trace and its facts. */
export interface ChainView {
  trace: TraceView;
  facts: FactNodes;
  item: ReviewItem;
  /** Undefined until the host has read them. */
  phases?: readonly PhaseRun[];
}

/** The views of the shown chain and its neighbours, kept while their text is unchanged. */
export class ChainViews {
  readonly #views = new Map<string, ChainView>();

  /** The updated or new view of a chain. */
  of(item: ReviewItem): ChainView {
    const known = this.#views.get(item.chain.id);
    if (known !== undefined && sameText(known.item, item)) {
      if (!sameMarks(known.item, item)) known.trace.setMarks(marksOf(item));
      if (!sameFacts(known.item, item)) known.facts = factNodes(item);
      known.item = item;
      return known;
    }
    const { text, segments } = item.state;
    const trace = new TraceView({ text, segments, ...marksOf(item) });
    const view: ChainView = { trace, facts: factNodes(item), item };
    this.#views.set(item.chain.id, view);
    return view;
  }

  /** Removes all other views. */
  keep(items: readonly (ReviewItem | null)[]): void {
    const ids = new Set(items.map((item) => item?.chain.id));
    for (const id of this.#views.keys()) if (!ids.has(id)) this.#views.delete(id);
  }
}

function marksOf({ state, candidates, values }: ReviewItem): Omit<TraceContent, 'text' | 'segments'> {
  const suggested = state.firstWrongStep === undefined ? values?.firstWrong : undefined;
  return { spans: state.spans, candidates, own: state.own ?? [], steps: state.steps ?? [], suggested };
}

function sameText(a: ReviewItem, b: ReviewItem): boolean {
  if (a === b) return true;
  return a.state.text === b.state.text && JSON.stringify(a.state.segments) === JSON.stringify(b.state.segments);
}

/** A regraded chain has the same text and other facts. */
function sameFacts(a: ReviewItem, b: ReviewItem): boolean {
  const facts = ({ chain, problem }: ReviewItem): string => JSON.stringify([chain.verdict, chain.pieces, problem]);
  return a === b || facts(a) === facts(b);
}

function sameMarks(a: ReviewItem, b: ReviewItem): boolean {
  if (a === b) return true;
  const marks = ({ state, candidates, values }: ReviewItem): string =>
    JSON.stringify([state.spans, state.steps, candidates, values?.firstWrong]);
  return marks(a) === marks(b);
}

function factNodes({ problem, chain, state }: ReviewItem): FactNodes {
  const { text, segments } = state;
  return {
    problem: markdown(problem.problem),
    gold: problem.answer === '' ? document.createTextNode('none') : maths(problem.answer),
    chain: foundAnswer(chain.verdict, text, { start: 0, end: text.length }),
    pieces: chain.pieces.map(({ piece, verdict }) => {
      const segment = segments.find((each) => each.piece === piece);
      return verdict === undefined ? undefined : foundAnswer(verdict, text, segment);
    }),
  };
}

function foundAnswer({ extracted }: Verdict, text: string, within: Place | undefined): FoundAnswer {
  if (extracted === undefined) return { node: document.createTextNode('no answer'), place: undefined };
  const place = within === undefined ? undefined : answerPlace(text, within.start, within.end, extracted);
  return { node: maths(extracted), place };
}

/** An answer is LaTeX without delimiters, or plain words. */
function maths(answer: string): Node {
  const isProse = /[A-Za-z]{3,}\s+[A-Za-z]{2,}/.test(answer) && !answer.includes('\\');
  if (isProse || answer.length > 300) {
    const words = document.createElement('bdi');
    words.textContent = answer;
    return words;
  }
  return formula(answer.replace(/^\$+|\$+$/g, ''), false, answer);
}
