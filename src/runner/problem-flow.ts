import {
  type AnswerPiece,
  type Candidate,
  type Connectives,
  checkVerdict,
  chooseBetween,
  choosePairs,
  classOf,
  findBoxes,
  gradedPairs,
  type Pair,
} from '../core/dialogue/index.ts';
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
import type { Asked, Asker } from './asker.ts';
import { joinChain } from './join-chain.ts';

export interface FlowContext {
  round: string;
  model: string;
  settings: DialogueSettings;
  filters: FilterSettings;
  connectives: Connectives;
  asker: Pick<Asker, 'ask'>;
  /** Grades an answer and records it under its call's key. */
  grade: (problem: Problem, piece: PieceName, asked: Asked) => Promise<Verdict>;
  emit: (chain: Chain) => Promise<void>;
}

type Graded = Asked & { verdict: Verdict };

export interface ProblemResult {
  /** Every graded pair of a first and a last answer, FF included. */
  pairs: Pair[];
  chains: number;
}

/** The answers of a chain, in order, and the check of each but the last. */
interface Turns {
  answers: Graded[];
  checks: Asked[];
}

/** Stage 1 for one problem: candidates of the answers, the pairs worth going on with, checks and a summary for each, the chains. */
export async function runProblem(problem: Problem, context: FlowContext): Promise<ProblemResult> {
  const { settings } = context;
  const firsts = await askAnswers(problem, context, 'answer[1]', settings.tries.answer1);
  return settings.asking === 'dialogue'
    ? inOneDialogue(problem, context, firsts)
    : inSeparateCalls(problem, context, firsts);
}

/** Last answers are asked for before those in between: without a pair of use the others would be paid for in vain. */
async function inSeparateCalls(problem: Problem, context: FlowContext, firsts: Graded[]): Promise<ProblemResult> {
  const { tries, turns, keepPerProblem } = context.settings;
  const lasts = await askAnswers(problem, context, `answer[${turns}]`, tries.answer2);
  const chosen = choosePairs(firsts.map(candidate), lasts.map(candidate), keepPerProblem);
  const between = await Promise.all(
    Array.from({ length: chosen.length > 0 ? turns - 2 : 0 }, (_, i) =>
      askAnswers(problem, context, `answer[${i + 2}]`, tries.answer2),
    ),
  );
  const made = await Promise.all(
    chosen.map(async (pair, nth) => {
      const first = byIndex(firsts, pair.first);
      const last = byIndex(lasts, pair.second);
      if (!first || !last) return false;
      const middle = between.map((pool) => pick(pair, first, pool, nth));
      const answers = [first, ...middle, last].filter((answer) => answer !== undefined);
      if (answers.length < turns) return false;
      const checks = await Promise.all(
        answers.slice(0, -1).map((answer, i) => bestCheck(problem, context, answer, i + 1)),
      );
      const present = checks.filter((check) => check !== undefined);
      if (present.length === checks.length) await finishChain(problem, context, { answers, checks: present });
      return true;
    }),
  );
  return { pairs: gradedPairs(firsts.map(candidate), lasts.map(candidate)), chains: made.filter(Boolean).length };
}

function pick(pair: Pair, first: Graded, pool: readonly Graded[], nth: number): Graded | undefined {
  const chosen = chooseBetween(pair.class, candidate(first), pool.map(candidate), nth);
  return chosen && byIndex(pool, chosen.index);
}

/** The true multi-turn chat: every later answer is asked after the check of the one before it, and sees all of it. */
async function inOneDialogue(problem: Problem, context: FlowContext, firsts: Graded[]): Promise<ProblemResult> {
  // Wrong first answers begin the chains that are looked for; right ones fill up.
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
  const said: Turns = { answers: [first], checks: [] };
  let pairs: Pair[] = [];
  for (let turn = 2; turn <= turns; turn++) {
    const before = said.answers.at(-1) ?? first;
    const check = await bestCheck(problem, context, before, turn - 1, said.checks.at(-1)?.key);
    if (!check) return { pairs, chains: 0 };
    said.checks.push(check);
    const dialogue = { parent: check.key, history: after(check.messages, check.text) };
    const pool = await askAnswers(problem, context, `answer[${turn}]`, tries.answer2, dialogue);
    const candidates = pool.map(candidate);
    if (turn === turns) pairs = gradedPairs([start], candidates);
    const chosen =
      turn === turns
        ? choosePairs([start], candidates, 1)[0]?.second
        : chooseBetween(start.outcome === 'correct' ? 'TT' : 'FT', start, candidates, 0, true)?.index;
    const answer = chosen === undefined ? undefined : byIndex(pool, chosen);
    if (!answer) return { pairs, chains: 0 };
    said.answers.push(answer);
  }
  await finishChain(problem, context, said);
  return { pairs, chains: 1 };
}

async function askAnswers(
  problem: Problem,
  context: FlowContext,
  piece: AnswerPiece,
  tries: number,
  dialogue?: { parent: string; history: ChatMessage[] },
): Promise<Graded[]> {
  const asked = await Promise.all(
    Array.from({ length: tries }, async (_, index) => {
      const reply = await context.asker.ask({
        problemId: problem.id,
        piece,
        index,
        values: { problem: problem.problem },
        parents: dialogue ? [dialogue.parent] : [],
        ...(dialogue ? { history: dialogue.history } : {}),
        ...(piece === 'answer[1]' ? {} : goldOf(problem, context)),
      });
      return reply && { ...reply, verdict: await context.grade(problem, piece, reply) };
    }),
  );
  return asked.filter((answer) => answer !== undefined);
}

/**
 * The first check whose verdict agrees with grading; when none does, the first one, for the filters to reject.
 *
 * @param parent In a dialogue, the check before it: two chats may come to the same answer.
 */
async function bestCheck(
  problem: Problem,
  context: FlowContext,
  answer: Graded,
  turn: number,
  parent?: string,
): Promise<Asked | undefined> {
  const truth = answer.verdict.outcome === 'correct' ? 'correct' : 'wrong';
  const good = (check: Asked): boolean => checkVerdict(check.text) === truth && isWhole(check, context.filters);
  return firstGood(context.settings.tries.check, good, (index) =>
    context.asker.ask({
      problemId: problem.id,
      piece: `check[${turn}]`,
      index,
      values: { problem: problem.problem, answer: answer.text },
      parents: parent === undefined ? [answer.key] : [parent, answer.key],
      ...dialogueHistory(context, answer),
      ...goldOf(problem, context),
    }),
  );
}

async function finishChain(problem: Problem, context: FlowContext, said: Turns): Promise<void> {
  const summary = await bestSummary(problem, context, said);
  if (!summary) return;
  const chain = makeChain(problem, context, said, summary);
  if (chain) await context.emit(chain);
}

const ORDINALS = ['First', 'Second', 'Third', 'Fourth', 'Fifth'];

async function bestSummary(problem: Problem, context: FlowContext, said: Turns): Promise<Graded | undefined> {
  const parts = inOrder(said);
  const first = said.answers[0];
  const last = said.answers.at(-1);
  const check = said.checks[0];
  if (!first || !last || !check) return undefined;
  const pieces = parts
    .map(({ piece, turn, asked }) => {
      const ordinal = ORDINALS[turn - 1] ?? '';
      const name = piece.startsWith('check') ? `Check of the ${ordinal.toLowerCase()} solution` : `${ordinal} solution`;
      return `${name}:\n${asked.text}`;
    })
    .join('\n\n');
  const good = (summary: Graded): boolean =>
    summary.verdict.outcome === 'correct' && findBoxes(summary.text).length === 1 && isWhole(summary, context.filters);
  return firstGood(context.settings.tries.summary, good, async (index) => {
    const asked = await context.asker.ask({
      problemId: problem.id,
      piece: 'summary',
      index,
      values: { problem: problem.problem, first: first.text, check: check.text, second: last.text, pieces },
      parents: parts.map((part) => part.asked.key),
      ...dialogueHistory(context, last),
      ...goldOf(problem, context),
    });
    return asked && { ...asked, verdict: await context.grade(problem, 'summary', asked) };
  });
}

function inOrder({ answers, checks }: Turns): { piece: PieceName; turn: number; asked: Asked | Graded }[] {
  return answers.flatMap((answer, i) => {
    const turn = i + 1;
    const check = checks[i];
    return [
      { piece: `answer[${turn}]`, turn, asked: answer },
      ...(check ? [{ piece: `check[${turn}]`, turn, asked: check }] : []),
    ];
  });
}

function makeChain(problem: Problem, context: FlowContext, said: Turns, summary: Graded): Chain | undefined {
  const { answers } = said;
  const [first, last] = [answers[0], answers.at(-1)];
  const chainClass = first && last && classOf(first.verdict.outcome, last.verdict.outcome);
  if (!chainClass || chainClass === 'FF') return undefined;
  const asked = [...inOrder(said), { piece: 'summary', asked: summary }];
  const pieces = asked.map(({ piece, asked: from }): PieceRecord => {
    const verdict = 'verdict' in from ? { verdict: from.verdict } : {};
    return { piece, text: from.text, call: from.key, finish: from.reply.finish, ...verdict };
  });
  const usages = asked.map(({ asked: from }) => from.reply.usage);
  const parts = {
    id: `${context.round}/${problem.id}/${answers.map(({ index }) => index).join('-')}`,
    round: context.round,
    problemId: problem.id,
    origin: 'dialogue' as const,
    class: chainClass,
    ...(context.settings.mode === 'hinted' ? { hinted: true as const } : {}),
    verdict: summary.verdict,
    pieces,
    model: context.model,
    tokens: {
      count: usages.reduce((sum, usage) => sum + usage.completion, 0),
      estimated: usages.some((usage) => usage.estimated),
    },
    createdAt: new Date().toISOString(),
  };
  const { filters, connectives, settings } = context;
  return joinChain(parts, problem.problem, { filters, connectives, untrained: settings.untrained });
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

function candidate({ index, verdict, reply }: Graded): Candidate {
  const value = verdict.extracted === undefined ? {} : { value: verdict.extracted };
  return { index, outcome: verdict.outcome, finished: reply.finish === 'stop', ...value };
}

const byIndex = (pool: readonly Graded[], index: number): Graded | undefined =>
  pool.find((asked) => asked.index === index);

function isWhole(asked: Asked, filters: FilterSettings): boolean {
  return asked.reply.finish === 'stop' && asked.text.trim().length >= filters.minLength;
}

/** answer[1] is never told: it stays an honest attempt. */
function goldOf(problem: Problem, { settings }: FlowContext): { gold?: string } {
  return settings.mode === 'hinted' ? { gold: problem.answer } : {};
}

function dialogueHistory(context: FlowContext, last: Asked): { history?: ChatMessage[] } {
  return context.settings.asking === 'dialogue' ? { history: after(last.messages, last.text) } : {};
}

/** The chat after the model has answered. */
function after(messages: readonly ChatMessage[], text: string): ChatMessage[] {
  return [...messages, { role: 'assistant', content: text }];
}
