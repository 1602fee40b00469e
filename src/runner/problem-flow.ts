import { chainSpans } from '../core/behaviours/annotate.ts';
import {
  type AssembledClass,
  assemble,
  type Candidate,
  checkVerdict,
  choosePairs,
  classOf,
  type DialoguePiece,
  gradedPairs,
  type Pair,
  PIECES,
} from '../core/dialogue/index.ts';
import { type FilterContext, runFilters } from '../core/filters/index.ts';
import type {
  Chain,
  ChatMessage,
  DialogueSettings,
  FilterSettings,
  PieceName,
  PieceRecord,
  Problem,
  Verdict,
} from '../core/model/index.ts';
import { findBoxes } from '../core/text/boxes.ts';
import type { Asked, Asker, AskFor } from './asker.ts';

export interface FlowContext {
  round: string;
  model: string;
  settings: DialogueSettings;
  filters: FilterSettings;
  /** What of other texts the filters need: the benchmarks of the dataset. */
  filterContext?: FilterContext;
  asker: Pick<Asker, 'ask'>;
  /** Grades an answer and records it under its call's key. */
  grade: (problem: Problem, piece: PieceName, asked: Asked) => Promise<Verdict>;
  emit: (chain: Chain) => Promise<void>;
}

export type Graded = Asked & { verdict: Verdict };

/** The pieces of one chain that have been asked for; answers and summary are graded. */
export type SoFar = Partial<Record<DialoguePiece, Asked | Graded>>;

export interface ProblemResult {
  /** Every graded pair, FF included. */
  pairs: Pair[];
  chains: number;
}

/** Stage 1 for one problem: candidates of both answers, the pairs worth going on with, a check and a summary for each, the chains. */
export async function runProblem(problem: Problem, context: FlowContext): Promise<ProblemResult> {
  const { settings } = context;
  const firsts = await answers(problem, context, 'answer[1]', settings.tries.answer1);
  if (settings.asking === 'dialogue') return inOneDialogue(problem, context, firsts);
  const seconds = await answers(problem, context, 'answer[2]', settings.tries.answer2);
  const chosen = choosePairs(firsts.map(candidate), seconds.map(candidate), settings.keepPerProblem);
  await Promise.all(
    chosen.map(async (pair) => {
      const first = firsts.find((asked) => asked.index === pair.first);
      const second = seconds.find((asked) => asked.index === pair.second);
      if (!first || !second) return;
      const check = await bestCheck(problem, context, first);
      if (check) await finishChain(problem, context, { first, check, second });
    }),
  );
  return { pairs: gradedPairs(firsts.map(candidate), seconds.map(candidate)), chains: chosen.length };
}

/** The true multi-turn chat: the second answers are asked after the check of one first answer, and see both. */
async function inOneDialogue(problem: Problem, context: FlowContext, firsts: Graded[]): Promise<ProblemResult> {
  const { settings } = context;
  // Wrong first answers begin the chains that are looked for; right ones fill up.
  const usable = firsts
    .filter((first) => candidate(first).finished && classOf(first.verdict.outcome, first.verdict.outcome))
    .sort(
      (a, b) => Number(a.verdict.outcome === 'correct') - Number(b.verdict.outcome === 'correct') || a.index - b.index,
    );
  const pairs: Pair[] = [];
  let chains = 0;
  await Promise.all(
    usable.slice(0, settings.keepPerProblem).map(async (first) => {
      const check = await bestCheck(problem, context, first);
      if (!check) return;
      const seconds = await answers(problem, context, 'answer[2]', settings.tries.answer2, {
        'answer[1]': first,
        'check[1]': check,
      });
      pairs.push(...gradedPairs([candidate(first)], seconds.map(candidate)));
      const [pair] = choosePairs([candidate(first)], seconds.map(candidate), 1);
      const second = seconds.find((asked) => asked.index === pair?.second);
      if (!second) return;
      chains++;
      await finishChain(problem, context, { first, check, second });
    }),
  );
  return { pairs, chains };
}

async function answers(
  problem: Problem,
  context: FlowContext,
  piece: 'answer[1]' | 'answer[2]',
  tries: number,
  soFar: SoFar = {},
): Promise<Graded[]> {
  const asked = await Promise.all(
    Array.from({ length: tries }, async (_, index) => {
      const reply = await context.asker.ask(callOf(problem, context.settings, piece, index, soFar));
      return reply && { ...reply, verdict: await context.grade(problem, piece, reply) };
    }),
  );
  return asked.filter((answer) => answer !== undefined);
}

/** The first check whose verdict agrees with grading; when none does, the first one, for the filters to reject. */
async function bestCheck(problem: Problem, context: FlowContext, first: Graded): Promise<Asked | undefined> {
  const truth = first.verdict.outcome === 'correct' ? 'correct' : 'wrong';
  const good = (check: Asked): boolean => checkVerdict(check.text) === truth && isWhole(check, context.filters);
  return firstGood(context.settings.tries.check, good, (index) =>
    context.asker.ask(callOf(problem, context.settings, 'check[1]', index, { 'answer[1]': first })),
  );
}

interface Parts {
  first: Graded;
  check: Asked;
  second: Graded;
}

async function finishChain(problem: Problem, context: FlowContext, parts: Parts): Promise<void> {
  const summary = await bestSummary(problem, context, parts);
  if (!summary) return;
  const { first, check, second } = parts;
  const asked = { 'answer[1]': first, 'check[1]': check, 'answer[2]': second, summary };
  const chain = makeChain(problem, context, asked);
  if (chain) await context.emit(chain);
}

async function bestSummary(problem: Problem, context: FlowContext, parts: Parts): Promise<Graded | undefined> {
  const soFar = { 'answer[1]': parts.first, 'check[1]': parts.check, 'answer[2]': parts.second };
  const good = (summary: Graded): boolean =>
    summary.verdict.outcome === 'correct' && findBoxes(summary.text).length === 1 && isWhole(summary, context.filters);
  return firstGood(context.settings.tries.summary, good, async (index) => {
    const asked = await context.asker.ask(callOf(problem, context.settings, 'summary', index, soFar));
    return asked && { ...asked, verdict: await context.grade(problem, 'summary', asked) };
  });
}

/** The pieces of a whole chain, each answer and the summary with its verdict. */
export type WholeChain = Record<'answer[1]' | 'answer[2]' | 'summary', Graded> & Record<'check[1]', Asked>;

/** Assembles a chain and lets the filters speak; undefined for a class that no chain is made of. */
export function makeChain(
  problem: Problem,
  context: Pick<FlowContext, 'round' | 'model' | 'filters' | 'filterContext'>,
  asked: WholeChain,
): Chain | undefined {
  const { 'answer[1]': first, 'check[1]': check, 'answer[2]': second, summary } = asked;
  const chainClass = classOf(first.verdict.outcome, second.verdict.outcome);
  if (!chainClass || chainClass === 'FF') return undefined;
  const id = `${context.round}/${problem.id}/${first.index}-${second.index}`;
  const pieces = PIECES.map((piece): PieceRecord => {
    const from = asked[piece];
    const verdict = 'verdict' in from ? { verdict: from.verdict } : {};
    return { piece, text: from.text, ...thoughtOf(from), call: from.key, finish: from.reply.finish, ...verdict };
  });
  const texts = { 'answer[1]': first.text, 'check[1]': check.text, 'answer[2]': second.text, summary: summary.text };
  const assembled = assemble(id, chainClass satisfies AssembledClass, texts);
  const usages = PIECES.map((piece) => asked[piece].reply.usage);
  const tokens = {
    count: usages.reduce((sum, usage) => sum + usage.completion, 0),
    estimated: usages.some((usage) => usage.estimated),
  };
  const filters = runFilters(
    { class: chainClass, ...assembled, problem: problem.problem, pieces, verdict: summary.verdict, tokens },
    context.filters,
    context.filterContext,
  );
  return {
    id,
    round: context.round,
    problemId: problem.id,
    origin: 'dialogue',
    class: chainClass,
    text: assembled.text,
    segments: assembled.segments,
    spans: chainSpans(assembled, problem.problem),
    verdict: summary.verdict,
    pieces,
    filters,
    passed: filters.every((filter) => filter.passed),
    model: context.model,
    tokens,
    createdAt: new Date().toISOString(),
  };
}

/** The reasoning of a piece, unless it is the piece: then it is there already. */
function thoughtOf({ reply: { reasoning }, text }: Asked): Pick<PieceRecord, 'reasoning'> {
  return reasoning === undefined || reasoning === '' || reasoning === text ? {} : { reasoning };
}

/** Asks up to `tries` times, one after the other: most pieces are good at once, and a second try costs as much as the first. */
async function firstGood<T>(
  tries: number,
  good: (value: T) => boolean,
  ask: (index: number) => Promise<T | undefined>,
): Promise<T | undefined> {
  let first: T | undefined;
  for (let index = 0; index < tries; index++) {
    const value = await ask(index);
    if (value === undefined) continue;
    if (good(value)) return value;
    first ??= value;
  }
  return first;
}

/**
 * The call of a piece: what its prompt is filled with, the calls that it builds on, and the chat so far where asking is one dialogue.
 * @throws Error when a piece that it builds on has not been asked for.
 */
export function callOf(
  problem: Problem,
  settings: Pick<DialogueSettings, 'asking'>,
  piece: DialoguePiece,
  index: number,
  soFar: SoFar,
): AskFor {
  const need = (name: DialoguePiece): Asked => {
    const asked = soFar[name];
    if (!asked) throw new Error(`${piece} builds on ${name}, which has not been asked for`);
    return asked;
  };
  const follow = (last: Asked): Pick<AskFor, 'history'> =>
    settings.asking === 'dialogue' ? { history: after(last.messages, last.text) } : {};
  const what = { problemId: problem.id, piece, index };
  const text = problem.problem;
  if (piece === 'check[1]') {
    const first = need('answer[1]');
    return { ...what, values: { problem: text, answer: first.text }, parents: [first.key], ...follow(first) };
  }
  if (piece === 'summary') {
    const [first, check, second] = [need('answer[1]'), need('check[1]'), need('answer[2]')];
    const pieces = `First solution:\n${first.text}\n\nCheck of the first solution:\n${check.text}\n\nSecond solution:\n${second.text}`;
    const values = { problem: text, first: first.text, check: check.text, second: second.text, pieces };
    return { ...what, values, parents: [first.key, check.key, second.key], ...follow(second) };
  }
  if (piece === 'answer[1]' || settings.asking === 'separate')
    return { ...what, values: { problem: text }, parents: [] };
  const check = need('check[1]');
  return { ...what, values: { problem: text }, parents: [check.key], ...follow(check) };
}

function candidate(asked: Graded): Candidate {
  return { index: asked.index, outcome: asked.verdict.outcome, finished: asked.reply.finish === 'stop' };
}

function isWhole(asked: Asked, filters: FilterSettings): boolean {
  return asked.reply.finish === 'stop' && asked.text.trim().length >= filters.minLength;
}

/** The chat after the model has answered. */
function after(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  return [...messages, { role: 'assistant', content: text }];
}
