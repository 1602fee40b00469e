import { ruleSpans, splitSentences } from '../behaviours/index.ts';
import { BEHAVIOURS, type Behaviour, type Chain, type Span } from '../model/index.ts';
import { Detector, type Marks } from './model.ts';

/** A sentence that can be drawn. */
export interface FrameSentence {
  chainId: string;
  hash: string;
  start: number;
  end: number;
  marks: Marks;
  /** No detector marks it, but one of the two sentences before or behind: where missed ones are likely. */
  near: boolean;
}

/** Under this name the offline detector marks chains. */
const OFFLINE: Detector = 'rule';
/** How many sentences around a marked one count as near. */
const NEAR = 2;

/**
 * The sentences of a chain with what each detector calls them. Detectors are the sources of the chain's own spans; a chain that none
 * has marked is read by the offline detector now. `hash` is of the chain's text.
 */
export function frameSentences(chain: Pick<Chain, 'id' | 'text' | 'spans'>, hash: string): FrameSentence[] {
  const machine = chain.spans.filter(({ source }) => source !== 'human');
  const spans = machine.length > 0 ? machine : ruleSpans(chain.text);
  const detectors = Detector.options.filter((detector) =>
    machine.length > 0 ? machine.some(({ source }) => source === detector) : detector === OFFLINE,
  );
  const sentences = splitSentences(chain.text)
    .filter(({ start, textEnd }) => textEnd > start)
    .map(({ start, textEnd }) => ({ start, end: textEnd }));
  const marks = sentences.map(({ start, end }) => {
    const hits = spans.filter((span) => marksSentence(span, start, end));
    return Object.fromEntries(
      detectors.map((detector) => [detector, kindsOf(hits.filter(({ source }) => source === detector))]),
    ) as Marks;
  });
  const marked = marks.map(isMarked);
  return sentences.map(({ start, end }, at) => ({
    chainId: chain.id,
    hash,
    start,
    end,
    marks: marks[at] ?? {},
    near: !marked[at] && marked.slice(Math.max(0, at - NEAR), at + NEAR + 1).includes(true),
  }));
}

/** Whether any detector marks the sentence with any kind. */
export function isMarked(marks: Marks): boolean {
  return Object.values(marks).some((kinds) => kinds !== undefined && kinds.length > 0);
}

/** A span marks a sentence when it covers half of it, or lies in it by half of its own length: a clause can be the act. */
function marksSentence(span: Pick<Span, 'start' | 'end'>, start: number, end: number): boolean {
  const common = Math.min(span.end, end) - Math.max(span.start, start);
  return common > 0 && common * 2 >= Math.min(end - start, span.end - span.start);
}

function kindsOf(spans: readonly Span[]): Behaviour[] {
  return BEHAVIOURS.filter((kind) => spans.some((span) => span.kind === kind));
}
