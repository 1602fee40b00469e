import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { behaviourRates } from '../../../src/core/behaviours/index.ts';
import { measuredAccuracy } from '../../../src/core/review/calibration/index.ts';
import type { Behaviour, Chain, Problem, Span } from '../../../src/core/schemas/index.ts';
import type { Candidate, ReviewItem } from '../../../src/protocol/review.ts';
import { MemorySource } from '../../unit/review/chains.ts';

const traces = resolve(import.meta.dirname, '../../../../shared/data/traces');

/** A chain with what the reader shows beside it. */
export interface BenchChain {
  chain: Chain;
  problem: Problem;
  candidates: Candidate[];
}

interface TraceRow {
  id: string;
  problem_id: string;
  problem: string;
  gold: unknown;
  correct: boolean;
  model: string;
  trace: string;
}

/** Real traces from ../shared/data; none if absent. */
export function realTraces(): TraceRow[] {
  if (!existsSync(traces)) return [];
  return ['thought_anchors_math.jsonl', 'sky_t1_aime24_8runs.jsonl'].flatMap((name) =>
    readFileSync(resolve(traces, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as TraceRow),
  );
}

/** Keywords replace the classifier: a long trace needs hundreds of spans here. */
const CUES: [Behaviour, RegExp][] = [
  ['verification', /[^.\n]*\b(?:let me check|let's check|verify|double-check)\b[^.\n]*\./gi],
  ['backtracking', /\bwait\b[^.\n]*\./gi],
  ['subgoal', /\b(?:first, i need|next, i need|let's find)\b[^.\n]*\./gi],
];

function cueSpans(text: string): Span[] {
  return CUES.flatMap(([kind, cue]) =>
    [...text.matchAll(cue)].map(({ index, 0: found }, place): Span => {
      return { id: `${kind}-${place}`, kind, start: index, end: index + found.length, source: 'rule', confidence: 0.5 };
    }),
  );
}

function boxes(text: string, gold: string): Candidate[] {
  return [...text.matchAll(/\\boxed\{([^{}]*)\}/g)].map(({ index, 0: found, 1: answer = '' }) => ({
    start: index,
    end: index + found.length,
    answer,
    how: 'boxed' as const,
    outcome: answer === gold ? ('correct' as const) : ('incorrect' as const),
  }));
}

export function fromTrace(row: TraceRow): BenchChain {
  const text = row.trace;
  const gold = String(row.gold);
  return {
    problem: { id: row.problem_id, problem: row.problem, answer: gold },
    candidates: boxes(text, gold),
    chain: chainOf(row.id, row.problem_id, text, cueSpans(text), [
      { piece: 'trace', start: 0, end: text.length, train: true },
    ]),
  };
}

/** A hostile or odd text as a chain. */
export function fromText(id: string, text: string): BenchChain {
  return {
    problem: { id, problem: text, answer: text.slice(0, 80) },
    candidates: [],
    chain: chainOf(id, id, text, [], [{ piece: 'trace', start: 0, end: text.length, train: true }]),
  };
}

function chainOf(id: string, problemId: string, text: string, spans: Span[], segments: Chain['segments']): Chain {
  return {
    id,
    round: '1-imported',
    problemId,
    origin: 'imported',
    text,
    segments,
    spans,
    verdict: { outcome: 'correct', method: 'number', extracted: '5', gold: '5', prediction: '5' },
    pieces: [],
    filters: [
      { id: 'gradable', passed: true, value: true, threshold: true },
      { id: 'repetition', passed: true, value: 0.02, threshold: 0.2 },
      { id: 'min-length', passed: true, value: 183, threshold: 20 },
    ],
    passed: true,
    model: 'a-model',
    tokens: { count: Math.ceil(text.length / 4), estimated: true },
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

/** The chain of the screenshots: a wrong answer, the check that finds the error, another method, a summary that reasons backward. */
export function demoChain(): BenchChain {
  const pieces: [Chain['segments'][number]['piece'], string][] = [
    [
      'answer[1]',
      'Isolate the root, then square both sides. The root stands alone already, so squaring gives\n\n\\[ 2x+15 = x^2, \\]\n\nhence $x^2-2x-15=0$ and $(x-5)(x+3)=0$. Both roots are real, so the sum is $5+(-3)=2$.\n\n',
    ],
    [
      'check[1]',
      'Squaring can let values in that the equation itself refuses, so let me put both back. For $x=5$: $\\sqrt{25}=5$, good. For $x=-3$: $\\sqrt{9}=3$, but the right side is $-3$. Wait, a root is never negative, so $x=-3$ cannot be a solution; the first answer kept a value that squaring brought in.\n\n',
    ],
    [
      'answer[2]',
      'Let me take $u=\\sqrt{2x+15}\\ge 0$ instead, so that the sign is part of the unknown. Then $x=\\tfrac{u^2-15}{2}$ and the equation becomes\n\n\\[ u^2-2u-15=0 \\iff (u-5)(u+3)=0. \\]\n\nOnly $u=5$ is allowed, which gives $x=\\tfrac{25-15}{2}=$ $5$.\n\n',
    ],
    [
      'summary',
      'Start from $x=5$ and go back: $2\\cdot 5+15=25$, and $\\sqrt{25}=5$ is where we began, so nothing was gained or lost on the way. The two answers differ by the root $x=-3$, which fails the original equation. The sum is $\\boxed{5}$.',
    ],
  ];
  const text = pieces.map(([, part]) => part).join('');
  let at = 0;
  const segments = pieces.map(([piece, part]) => {
    const start = at;
    at += part.length;
    return { piece, start, end: at, train: piece !== 'answer[1]' };
  });
  const spans = (
    [
      ['subgoal', 'Isolate the root, then square both sides.', 'piece'],
      [
        'verification',
        'Squaring can let values in that the equation itself refuses, so let me put both back.',
        'piece',
      ],
      ['verification', 'For $x=5$: $\\sqrt{25}=5$, good.', 'piece'],
      ['verification', 'For $x=-3$: $\\sqrt{9}=3$, but the right side is $-3$.', 'piece'],
      [
        'backtracking',
        'Wait, a root is never negative, so $x=-3$ cannot be a solution; the first answer kept a value that squaring brought in.',
        'human',
      ],
      ['subgoal', 'Let me take $u=\\sqrt{2x+15}\\ge 0$ instead, so that the sign is part of the unknown.', 'piece'],
      [
        'backward',
        'Start from $x=5$ and go back: $2\\cdot 5+15=25$, and $\\sqrt{25}=5$ is where we began, so nothing was gained or lost on the way.',
        'rule',
      ],
    ] as const
  ).map(([kind, words, source], index): Span => {
    const start = text.indexOf(words);
    return { id: `s${index}`, kind, start, end: start + words.length, source, confidence: 0.9 };
  });
  const candidate = (words: string, answer: string, outcome: 'correct' | 'incorrect'): Candidate => {
    const start = text.indexOf(words);
    return { start, end: start + words.length, answer, how: 'concluded', outcome };
  };
  return {
    problem: {
      id: 'algebra-031',
      problem: 'Find the sum of all real $x$ with $\\sqrt{2x+15}=x$.',
      answer: '5',
      level: 3,
      topic: 'radical equations',
    },
    candidates: [
      candidate('$5+(-3)=2$', '2', 'incorrect'),
      candidate('$5$.\n\n', '5', 'correct'),
      candidate('$\\boxed{5}$', '5', 'correct'),
    ].map((one, index) => (index === 1 ? { ...one, end: one.start + 3 } : one)),
    chain: {
      ...chainOf('algebra-031-1', 'algebra-031', text, spans, segments),
      round: '0-handwritten',
      origin: 'handwritten',
      class: 'FT',
      verdict: {
        ...{ outcome: 'correct', method: 'number', extracted: '5', gold: '5', prediction: '5' },
        detail: 'Both are the number 5.',
      },
      pieces: [
        {
          ...{ piece: 'answer[1]', text: '' },
          verdict: {
            ...{ outcome: 'incorrect', method: 'number', extracted: '5+(-3)=2', gold: '5', prediction: '2' },
            detail: 'The numbers 2 and 5 differ.',
          },
        },
        { piece: 'check[1]', text: '' },
        {
          ...{ piece: 'answer[2]', text: '' },
          verdict: { outcome: 'correct', method: 'number', extracted: '5', gold: '5', prediction: '5' },
        },
        {
          ...{ piece: 'summary', text: '' },
          verdict: { outcome: 'correct', method: 'number', extracted: '5', gold: '5', prediction: '5' },
        },
      ],
      filters: [
        { id: 'gradable', passed: true, value: true, threshold: true },
        { id: 'final-correct', passed: true, value: true, threshold: true },
        { id: 'verdict-consistent', passed: true, value: true, threshold: true },
        { id: 'one-box', passed: true, value: 1, threshold: 1 },
        { id: 'min-length', passed: true, value: 183, threshold: 20 },
        { id: 'finished', passed: true, value: true, threshold: true },
        { id: 'no-leak', passed: true, value: true, threshold: true },
        { id: 'repetition', passed: true, value: 0.02, threshold: 0.2 },
      ],
    },
  };
}

/** A long check in one answer: an episode of several screens, its acts few and its working long. */
export function episodeChain(): BenchChain {
  const opening =
    'The sum of the first $n$ odd numbers is asked for, with $n=40$. I will pair the first with the last.\n\nEach pair sums to $80$, and there are $20$ pairs, so the sum is $20\\cdot 80=1600$.\n\n';
  const check = ['Let me check this against the formula, and term by term.'];
  for (let n = 1; n <= 40; n += 1) {
    check.push(
      `After ${n} of them the sum is $${(n - 1) ** 2}+${2 * n - 1}=${n ** 2}$, a number that the next line uses.`,
    );
    if (n === 6) check.push('Is $36=6^2$, as the formula gives? Yes, it is.');
  }
  check.push('So the sum is $1600=40^2$, and both ways agree.');
  const closing =
    '\n\nWait, the question asks for odd numbers below $80$. That is the same forty. The sum is $\\boxed{1600}$.';
  const text = `${opening}${check.join('\n\n')}${closing}`;
  const at = (words: string) => ({ start: text.indexOf(words), end: text.indexOf(words) + words.length });
  const acts = [check[0] ?? '', 'Is $36=6^2$, as the formula gives?', 'Yes, it is.', check.at(-1) ?? ''].map(at);
  const from = { source: 'classifier', confidence: 0.84, version: '09c9b385' } as const;
  const short = (id: string, kind: Behaviour, words: string): Span => ({
    id,
    kind,
    ...from,
    ...at(words),
    acts: [at(words)],
  });
  const spans: Span[] = [
    short('e1', 'subgoal', 'I will pair the first with the last.'),
    { id: 'e2', kind: 'verification', ...from, start: acts[0]?.start ?? 0, end: acts.at(-1)?.end ?? 0, acts },
    short('e3', 'backtracking', 'Wait, the question asks for odd numbers below $80$.'),
  ];
  const boxed = at('$\\boxed{1600}$');
  return {
    problem: { id: 'sums-012', problem: 'What is the sum of the odd numbers below $80$?', answer: '1600' },
    candidates: [{ ...boxed, answer: '1600', how: 'boxed', outcome: 'correct' }],
    chain: chainOf('sums-012-1', 'sums-012', text, spans, [
      { piece: 'trace', start: 0, end: text.length, train: true },
    ]),
  };
}

/** The chains as a dataset in memory. */
export class BenchSource extends MemorySource {
  readonly #chains: ReadonlyMap<string, BenchChain>;

  constructor(chains: readonly BenchChain[]) {
    super(chains.map(({ chain }) => chain));
    this.#chains = new Map(chains.map((one) => [one.chain.id, one]));
  }

  override async item(chainId: string): Promise<ReviewItem | undefined> {
    const item = await super.item(chainId);
    const found = this.#chains.get(chainId);
    if (item === undefined || found === undefined) return undefined;
    const { state, chain } = item;
    return {
      ...item,
      problem: found.problem,
      difficulty: { attempts: 10, successes: 3, mean: 0.33, low: 0.14, high: 0.52 },
      candidates: found.candidates.filter(({ end }) => end <= state.text.length),
      accuracy: measuredAccuracy(state.spans, undefined),
      rates: behaviourRates(state.spans, { tokens: chain.tokens.count, characters: state.text.length }),
    };
  }
}
