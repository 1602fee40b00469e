import {
  type AnswerPiece,
  type Candidate,
  checkVerdict,
  chooseBetween,
  choosePairs,
  classOf,
  gradedPairs,
  type Pair,
} from '../../core/dialogue/index.ts';
import {
  type Chain,
  type DialogueSettings,
  type FilterSettings,
  type PieceName,
  type Problem,
  replyOutcome,
  type Verdict,
} from '../../core/schemas/index.ts';
import { findBoxes } from '../../core/text/boxes.ts';
import type { Asked, Asker } from '../calls/asker.ts';
import { type ChainContext, makeChain } from './join-chain.ts';
import { callOf, type Graded, type SoFar } from './piece-call.ts';

export interface FlowContext extends ChainContext {
  settings: DialogueSettings;
  asker: Pick<Asker, 'ask' | 'askSeveral'>;
  /** Grades an answer and records it under its call's key. */
  grade: (problem: Problem, piece: PieceName, asked: Asked) => Promise<Verdict>;
  emit: (chain: Chain) => Promise<void>;
}

export interface ProblemResult {
  /** All graded pairs of a first and a last answer, including FF. */
  pairs: Pair[];
  chains: number;
}

/** Stage 1 for one problem: candidates of the answers, the chosen pairs, a check and a summary for each, the chains. */
export async function runProblem(problem: Problem, context: FlowContext): Promise<ProblemResult> {
  const { settings } = context;
  const firsts = await askAnswers(problem, context, 'answer[1]', settings.tries.answer1);
  return settings.asking === 'dialogue'
    ? inOneDialogue(problem, context, firsts)
    : inSeparateCalls(problem, context, firsts);
}

/** Requests last answers before those in between, which are paid only for a useful pair. */
async function inSeparateCalls(problem: Problem, context: FlowContext, firsts: Graded[]): Promise<ProblemResult> {
  const { tries, turns, keepPerProblem } = context.settings;
  const lasts = await askAnswers(problem, context, `answer[${turns}]`, tries.answer2);
  const pairs = gradedPairs(firsts.map(candidate), lasts.map(candidate));
  const chosen = choosePairs(firsts.map(candidate), lasts.map(candidate), keepPerProblem);
  if (chosen.length === 0) return { pairs, chains: 0 };
  const between = await Promise.all(
    Array.from({ length: turns - 2 }, (_, i) => askAnswers(problem, context, `answer[${i + 2}]`, tries.answer2)),
  );
  const made = await Promise.all(
    chosen.map(async (pair, nth) => {
      const answers = answersOf(pair, nth, firsts, between, lasts);
      if (!answers) return false;
      const soFar: SoFar = Object.fromEntries(answers.map((answer, i) => [`answer[${i + 1}]`, answer]));
      const checks = await Promise.all(
        answers.slice(0, -1).map(async (answer, i) => {
          const check = await bestCheck(problem, context, answer, i + 1, soFar);
          if (check) soFar[`check[${i + 1}]`] = check;
          return check !== undefined;
        }),
      );
      if (checks.every(Boolean)) await finishChain(problem, context, soFar);
      return true;
    }),
  );
  return { pairs, chains: made.filter(Boolean).length };
}

/** All answers of the `nth` chain; undefined without a usable one in between. */
function answersOf(
  pair: Pair,
  nth: number,
  firsts: readonly Graded[],
  between: readonly (readonly Graded[])[],
  lasts: readonly Graded[],
): Graded[] | undefined {
  const first = byIndex(firsts, pair.first);
  const last = byIndex(lasts, pair.second);
  if (!first || !last) return undefined;
  const middle = between.map((pool) =>
    byIndex(pool, chooseBetween(pair.class, candidate(first), pool.map(candidate), nth)?.index),
  );
  const answers = [first, ...middle, last].filter((answer) => answer !== undefined);
  return answers.length === middle.length + 2 ? answers : undefined;
}

/** A true multi-turn chat: every later answer follows the check of the one before it and sees the whole chat. */
async function inOneDialogue(problem: Problem, context: FlowContext, firsts: Graded[]): Promise<ProblemResult> {
  // Chains with a wrong first answer are preferred.
  const usable = firsts
    .filter((first) => candidate(first).finished && classOf(first.verdict.outcome, first.verdict.outcome))
    .sort(
      (a, b) => Number(a.verdict.outcome === 'correct') - Number(b.verdict.outcome === 'correct') || a.index - b.index,
    );
  const results = await Promise.all(
    usable.slice(0, context.settings.keepPerProblem).map((first) => oneDialogue(problem, context, first)),
  );
  return {
    pairs: results.flatMap(({ pairs }) => pairs),
    chains: results.reduce((sum, { chains }) => sum + chains, 0),
  };
}

async function oneDialogue(problem: Problem, context: FlowContext, first: Graded): Promise<ProblemResult> {
  const { turns, tries } = context.settings;
  const start = candidate(first);
  const soFar: SoFar = { 'answer[1]': first };
  let pairs: Pair[] = [];
  let before = first;
  for (let turn = 2; turn <= turns; turn++) {
    const check = await bestCheck(problem, context, before, turn - 1, soFar);
    if (!check) return { pairs, chains: 0 };
    soFar[`check[${turn - 1}]`] = check;
    const pool = await askAnswers(problem, context, `answer[${turn}]`, tries.answer2, soFar);
    const candidates = pool.map(candidate);
    if (turn === turns) pairs = gradedPairs([start], candidates);
    const chosen =
      turn === turns
        ? choosePairs([start], candidates, 1)[0]?.second
        : chooseBetween(start.outcome === 'correct' ? 'TT' : 'FT', start, candidates, 0, true)?.index;
    const answer = byIndex(pool, chosen);
    if (!answer) return { pairs, chains: 0 };
    soFar[`answer[${turn}]`] = answer;
    before = answer;
  }
  await finishChain(problem, context, soFar);
  return { pairs, chains: 1 };
}

async function askAnswers(
  problem: Problem,
  context: FlowContext,
  piece: AnswerPiece,
  tries: number,
  soFar: SoFar = {},
): Promise<Graded[]> {
  const asking = context.asker.askSeveral(callOf(problem, context.settings, piece, 0, soFar), tries);
  const asked = await Promise.all(
    asking.map(async (reply) => {
      const answer = await reply;
      return answer && { ...answer, verdict: await context.grade(problem, piece, answer) };
    }),
  );
  return asked.filter((answer) => answer !== undefined);
}

/** The first check whose verdict agrees with grading; else the first one, which the filters reject. */
async function bestCheck(
  problem: Problem,
  context: FlowContext,
  answer: Graded,
  turn: number,
  soFar: SoFar,
): Promise<Asked | undefined> {
  const truth = answer.verdict.outcome === 'correct' ? 'correct' : 'wrong';
  const good = (check: Asked): boolean => checkVerdict(check.text) === truth && isWhole(check, context.filters);
  return firstGood(context.settings.tries.check, good, (index) =>
    context.asker.ask(callOf(problem, context.settings, `check[${turn}]`, index, soFar)),
  );
}

async function finishChain(problem: Problem, context: FlowContext, soFar: SoFar): Promise<void> {
  const summary = await bestSummary(problem, context, soFar);
  if (!summary) return;
  const chain = makeChain(problem, context, { ...soFar, summary });
  if (chain) await context.emit(chain);
}

async function bestSummary(problem: Problem, context: FlowContext, soFar: SoFar): Promise<Graded | undefined> {
  const good = (summary: Graded): boolean =>
    summary.verdict.outcome === 'correct' && findBoxes(summary.text).length === 1 && isWhole(summary, context.filters);
  return firstGood(context.settings.tries.summary, good, async (index) => {
    const asked = await context.asker.ask(callOf(problem, context.settings, 'summary', index, soFar));
    return asked && { ...asked, verdict: await context.grade(problem, 'summary', asked) };
  });
}

/** Requests up to `tries` times, one after the other: most pieces are good at the first try. */
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

function candidate({ index, verdict, reply }: Graded): Candidate {
  const value = verdict.extracted === undefined ? {} : { value: verdict.extracted };
  return { index, outcome: verdict.outcome, finished: replyOutcome(reply) === 'answered', ...value };
}

const byIndex = (pool: readonly Graded[], index: number | undefined): Graded | undefined =>
  pool.find((asked) => asked.index === index);

function isWhole(asked: Asked, filters: FilterSettings): boolean {
  return replyOutcome(asked.reply) === 'answered' && asked.text.trim().length >= filters.minLength;
}
