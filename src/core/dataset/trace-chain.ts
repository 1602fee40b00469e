import { type Chain, type PieceRecord, pieceReplyOutcome, type ReplyOutcome, type Verdict } from '../schemas/index.ts';
import { joinTrace, type PartedTrace } from './thought.ts';
import type { MappedTrace } from './traces.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Where the chain of a trace is stored. */
export interface TracePlace {
  id: string;
  round: string;
  problemId: string;
  /** ISO 8601. */
  createdAt: string;
}

/** The chain of a trace before it is graded and marked: text, mask, pieces and facts. */
export function traceChain(trace: MappedTrace, place: TracePlace, verdict: Verdict): Chain {
  const text = joinTrace(trace.parts);
  const { id, round, problemId, createdAt } = place;
  return {
    id,
    round,
    problemId,
    origin: 'imported',
    text,
    segments: trace.segments ?? [{ piece: 'trace', start: 0, end: text.length, train: true }],
    spans: [],
    verdict,
    pieces: piecesOf(text, trace.parts, verdict),
    filters: [],
    passed: true,
    model: trace.model ?? 'unknown',
    tokens: { count: Math.ceil(text.length / CHARACTERS_PER_TOKEN), estimated: true },
    createdAt,
    ...trace.exported,
  };
}

/** How the reply of a trace ended, as far as its row shows. */
export function traceEnd({ parts }: MappedTrace): ReplyOutcome {
  return pieceReplyOutcome(finishOf(parts));
}

/** The reasoning and the answer after it as two pieces, which filters check separately; one where the trace does not mark them. */
function piecesOf(text: string, parts: PartedTrace, verdict: Verdict): PieceRecord[] {
  const { thought, answer } = parts;
  const finish = finishOf(parts);
  if (thought === undefined) return [{ piece: 'trace', text, verdict, ...finish }];
  if (answer === '') return [{ piece: 'trace', text, onlyThought: true, verdict, ...finish }];
  return [
    { piece: 'trace', text: thought },
    { piece: 'summary', text: answer, verdict, ...finish },
  ];
}

/** How the model stopped, as a piece stores it; empty where that is unknown. */
function finishOf({ finished, finish }: PartedTrace): { finish?: string } {
  return finished === undefined ? {} : { finish: finish ?? (finished ? 'stop' : 'length') };
}
