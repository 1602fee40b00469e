import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCandidates } from '../../src/core/behaviours/index.ts';
import { splitSentences } from '../../src/core/behaviours/sentences.ts';
import { applyQuota, classOf, seedOf } from '../../src/core/dialogue/index.ts';
import { bandOfChains, runFilters, withBand } from '../../src/core/filters/index.ts';
import { gradeAnswer, resolvePolicy } from '../../src/core/grading/index.ts';
import { sentencePlace } from '../../src/core/review/index.ts';
import {
  type BehaviourAct,
  Chain,
  type ChainClass,
  DatasetSettings,
  DialogueSettings,
  type GradingPolicy,
  type Outcome,
  type PieceRecord,
  Problem,
  RoundPlan,
  RoundSummary,
  type Segment,
  type Span,
  type Verdict,
} from '../../src/core/schemas/index.ts';
import { candidateText } from '../../src/grading/candidates.ts';
import { ChainSourceError, parseChain, type SourceChain } from './parse.ts';
import { PROBLEMS } from './problems/index.ts';

export const ROUND = '0-handwritten';
/** Fixed, so that building again gives the same bytes. */
const CREATED = '2026-11-01T00:00:00.000Z';
const JOINT = '\n\n';

/** The files of the sample dataset, by path inside its folder, made from the sources in this folder. */
export function sampleFiles(): Map<string, string> {
  const settings = DatasetSettings.parse({ version: 1, id: 'longhand-sample', name: 'Longhand sample' });
  const problems = PROBLEMS.map((problem) => Problem.parse({ ...problem, source: 'longhand sample', licence: 'MIT' }));
  const chains = handwrittenChains(problems, settings);
  return new Map([
    ['longhand.json', json(settings)],
    ['problems/sample.jsonl', jsonl(problems)],
    [`rounds/${ROUND}/plan.json`, json(planOf(chains, settings))],
    [`rounds/${ROUND}/chains.jsonl`, jsonl(chains)],
    [`rounds/${ROUND}/summary.json`, json(summaryOf(chains))],
  ]);
}

function handwrittenChains(problems: readonly Problem[], settings: DatasetSettings): Chain[] {
  const folder = join(import.meta.dirname, 'chains');
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'));
  const chains = files.sort().map((name) => {
    const source = parseChain(readFileSync(join(folder, name), 'utf8'), name);
    const problem = problems.find((candidate) => candidate.id === source.problemId);
    const attempt = /-(\d+)\.md$/.exec(name)?.[1];
    if (!problem) throw new ChainSourceError(name, `there is no problem ${source.problemId}`);
    if (!attempt || !name.startsWith(`${problem.id}-`)) {
      throw new ChainSourceError(name, 'the file must be named <problem>-<number>.md');
    }
    return chainOf(`${ROUND}/${problem.id}/${attempt}`, source, problem, settings, name);
  });
  const band = bandOfChains(chains, settings.filters);
  // In the order of the problems, which is by difficulty.
  const order = new Map(problems.map((problem, index) => [problem.id, index]));
  const banded = chains.map((chain) => withBand(chain, band, settings.filters));
  return banded.sort((a, b) => (order.get(a.problemId) ?? 0) - (order.get(b.problemId) ?? 0) || (a.id < b.id ? -1 : 1));
}

function chainOf(
  id: string,
  source: SourceChain,
  problem: Problem,
  { grading, filters: thresholds }: DatasetSettings,
  file: string,
): Chain {
  const pieces = source.pieces.map((piece): PieceRecord => {
    const graded = piece.name.startsWith('check')
      ? {}
      : { verdict: gradeAnswer(problem.answer, piece.text, resolvePolicy(grading)) };
    return { piece: piece.name, text: rawText(piece.name, piece.text, source.verdict), ...graded };
  });
  const verdict = verdictOf(pieces, 'summary', file);
  const graded = classOf(verdictOf(pieces, 'answer[1]', file).outcome, verdictOf(pieces, 'answer[2]', file).outcome);
  if (graded !== source.class) throw new ChainSourceError(file, `grading gives ${graded}, not ${source.class}`);
  const { text, segments, spans } = joined(source);
  const filters = runFilters({ class: graded, text, problem: problem.problem, pieces, segments, verdict }, thresholds);
  return Chain.parse({
    id,
    round: ROUND,
    problemId: problem.id,
    origin: 'handwritten',
    class: graded,
    text,
    segments,
    spans,
    verdict,
    candidates: candidateOutcomes(text, problem, resolvePolicy(grading)),
    pieces,
    filters,
    passed: filters.every((filter) => filter.passed),
    model: 'handwritten',
    tokens: { count: Math.ceil(text.length / 4), estimated: true },
    createdAt: CREATED,
  });
}

/** The outcome of each candidate answer of the text, by its value as written. */
function candidateOutcomes(text: string, { problem, answer: gold }: Problem, policy: GradingPolicy) {
  const values = findCandidates(text, { problem, gold }).map(({ answer }) => answer);
  const graded = values.map((value): [string, Outcome] => [
    value,
    gradeAnswer(gold, candidateText(value), policy).outcome,
  ]);
  return Object.fromEntries(graded);
}

/** A check of a model ends with a verdict line, which assembly takes out of the chain's text. */
function rawText(name: string, text: string, verdict: SourceChain['verdict']): string {
  return name.startsWith('check') ? `${text}${JOINT}Verdict: ${verdict === 'right' ? 'correct' : 'wrong'}` : text;
}

function verdictOf(pieces: readonly PieceRecord[], name: string, file: string): Verdict {
  const verdict = pieces.find((piece) => piece.piece === name)?.verdict;
  if (!verdict) throw new ChainSourceError(file, `no piece ${name}`);
  return verdict;
}

/** The pieces one below the other; the gap between two of them belongs to the upper one. */
function joined(source: SourceChain): { text: string; segments: Segment[]; spans: Span[] } {
  let text = '';
  const segments: Segment[] = [];
  const spans: Span[] = [];
  for (const [index, piece] of source.pieces.entries()) {
    const start = text.length;
    text += piece.text + (index < source.pieces.length - 1 ? JOINT : '');
    segments.push({ piece: piece.name, start, end: text.length, train: piece.name !== 'answer[1]' });
    for (const span of piece.spans) {
      const id = `s${spans.length + 1}`;
      const [from, to] = [start + span.start, start + span.end];
      spans.push({ id, kind: span.kind, start: from, end: to, source: 'human', confidence: 1 });
    }
  }
  return { text, segments, spans: spans.map((span) => ({ ...span, acts: actsOf(text, span) })) };
}

/** By the annotation guide: a check begins with an act and ends with its outcome; of the other behaviours every sentence is an act. */
function actsOf(text: string, { kind, start, end }: Span): BehaviourAct[] {
  const inside = text.slice(start, end);
  const sentences = splitSentences(inside).map((sentence) => sentencePlace(inside, sentence));
  const acts = kind === 'verification' ? sentences.filter((_, i) => i === 0 || i === sentences.length - 1) : sentences;
  return acts.map((act) => ({ start: start + act.start, end: start + act.end }));
}

function planOf(chains: readonly Chain[], { filters, grading }: DatasetSettings): RoundPlan {
  return RoundPlan.parse({
    version: 1,
    round: ROUND,
    kind: 'handwritten',
    createdAt: CREATED,
    problemIds: [...new Set(chains.map((chain) => chain.problemId))],
    from: 'scripts/sample/chains',
    filters,
    grading: resolvePolicy(grading),
  });
}

function summaryOf(chains: readonly Chain[]): RoundSummary {
  const passed = chains.filter((chain) => chain.passed);
  const keep = applyQuota(
    passed.flatMap(({ id, problemId, class: of }) => (of ? [{ id, problemId, class: of }] : [])),
    (id) => seedOf('quota', id),
    DialogueSettings.parse({}),
  );
  return RoundSummary.parse({
    version: 1,
    round: ROUND,
    finishedAt: CREATED,
    calls: 0,
    completionTokens: 0,
    seconds: 0,
    problems: new Set(chains.map((chain) => chain.problemId)).size,
    problemsWithoutChain: 0,
    chains: chains.length,
    chainsPassed: passed.length,
    pairs: perClass(chains),
    assembled: perClass(chains),
    kept: perClass(passed.filter((chain) => keep.has(chain.id))),
    quotaDropped: passed.filter((chain) => !keep.has(chain.id)).map((chain) => chain.id),
  });
}

function perClass(chains: readonly Chain[]): Record<ChainClass, number> {
  const counts: Record<ChainClass, number> = { FT: 0, TT: 0, TF: 0, FF: 0 };
  for (const chain of chains) if (chain.class) counts[chain.class]++;
  return counts;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function jsonl(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
