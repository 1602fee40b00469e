import { classifierSpans } from '../../core/behaviours/annotate.ts';
import type { Head } from '../../core/behaviours/head/inputs.ts';
import { type FilterContext, runFilters } from '../../core/filters/index.ts';
import type {
  CallReply,
  Chain,
  FilterSettings,
  Outcome,
  PieceRecord,
  Problem,
  Segment,
  Verdict,
} from '../../core/schemas/index.ts';

export interface ResponseParts {
  round: string;
  model: string;
  problem: Problem;
  index: number;
  /** Key of the call. */
  key: string;
  reply: CallReply;
  verdict: Verdict;
  /** Outcomes of the candidates in the text. */
  candidates: Record<string, Outcome>;
  filters: FilterSettings;
  filterContext: FilterContext;
  /** The dataset's own head of the classifier. */
  head: Head | undefined;
}

/** The id of a sample's chain. */
export function responseId(round: string, problemId: string, index: number): string {
  return `${round}/${problemId}/${index}`;
}

/** The text of a response: the reasoning, if the server reports it, and the answer. */
export function responseText({ text, reasoning }: CallReply): string {
  return [reasoning, text]
    .map((part) => (part ?? '').trim())
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A sampled response as a chain: one piece, or `trace` (the reasoning) and `response`. All of it is trained. */
export function responseChain(parts: ResponseParts): Chain {
  const { round, model, problem, index, key, reply, verdict, candidates, filters, filterContext, head } = parts;
  const text = responseText(reply);
  const segments = segmentsOf(reply, text);
  const pieces = segments.map(({ piece, start, end }): PieceRecord => {
    const record = { piece, text: text.slice(start, end).trim() };
    if (piece !== 'response') return record;
    return {
      ...record,
      ...(reply.text.trim() === '' && { onlyThought: true }),
      call: key,
      finish: reply.finish,
      verdict,
    };
  });
  const tokens = { count: reply.usage.completion, estimated: reply.usage.estimated };
  const id = responseId(round, problem.id, index);
  return markedChain(
    { id, round, problemId: problem.id, origin: 'sampled', text, segments, verdict, candidates, pieces, model, tokens },
    { problem, filters, filterContext, head },
  );
}

/** A chain with its behaviours marked, and the results of the filters. */
export function markedChain(
  chain: Omit<Chain, 'spans' | 'filters' | 'passed' | 'createdAt'>,
  {
    problem,
    filters: settings,
    filterContext,
    head,
  }: Pick<ResponseParts, 'problem' | 'filters' | 'filterContext' | 'head'>,
): Chain {
  const spans = classifierSpans(chain.text, { problem: problem.problem, head });
  const filters = runFilters({ ...chain, problem: problem.problem, spans }, settings, filterContext);
  return {
    ...chain,
    spans,
    filters,
    passed: filters.every((filter) => filter.passed),
    createdAt: new Date().toISOString(),
  };
}

function segmentsOf({ text: answer, reasoning }: CallReply, text: string): Segment[] {
  const thought = (reasoning ?? '').trim();
  // A reply with only reasoning is one piece.
  if (thought === '' || answer.trim() === '') return [{ piece: 'response', start: 0, end: text.length, train: true }];
  const answerStart = thought.length + 2;
  return [
    { piece: 'trace', start: 0, end: answerStart, train: true },
    { piece: 'response', start: answerStart, end: text.length, train: true },
  ];
}
