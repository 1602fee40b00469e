import { createHash } from 'node:crypto';
import {
  checkPrompts,
  connectivesOf,
  effectivePrompts,
  expectation,
  filesOf,
  isAnswer,
  seedOf,
} from '../core/dialogue/index.ts';
import { CHOOSE_MODEL, UserError } from '../core/errors.ts';
import { resolvePolicy } from '../core/grading/policies.ts';
import {
  DialogueSettings,
  type Expectation,
  inScope,
  type ModelRef,
  type RoundPlan,
  type SampleOutcome,
  sampleOutcome,
} from '../core/schemas/index.ts';
import type { PlanArgs as PlanRequest } from '../protocol/dialogue.ts';
import type { ProblemRow } from '../store/chain-index/rows.ts';
import type { Dataset } from '../store/index.ts';
import { slug } from '../store/names.ts';
import { assumedRate } from './sampling/rate.ts';
import { roundsOf } from './sampling/tallies.ts';

type PlanArgs = Omit<PlanRequest, 'dataset'>;

/**
 * Plans a round before its first call: problems, prompts, settings and expected cost. The least tried problems come first; the seed decides among
 * equals.
 * @throws UserError `round` when the dataset has no model or no matching problem; UserError `prompt` when a prompt file can't be used.
 */
export async function planRound(dataset: Dataset, args: PlanArgs): Promise<RoundPlan> {
  const { settings } = dataset;
  const model = settings.model;
  if (!model) throw new UserError('round', 'The dataset has no model yet.', CHOOSE_MODEL);
  const dialogue = dialogueOf(settings.dialogue, args);
  const prompts = effectivePrompts(await dataset.prompts(settings.promptSet), dialogue.behavioursOff);
  checkPrompts(prompts, dialogue);
  connectivesOf(prompts);
  const usualName = dialogue.mode === 'hinted' ? 'hinted' : 'dialogue';
  const round = `${dataset.nextRoundNumber()}-${slug(args.name ?? usualName, 'round')}`;
  const seed = args.seed ?? seedOf(dataset.settings.id, round);
  const tried = (id: string): number => dataset.index.passRate(id)?.attempts ?? 0;
  const among = dialogue.mode === 'hinted' ? await unsolvedProblems(dataset) : undefined;
  const problemIds = chooseProblems(dataset, { ...args, among }, seed, tried).map((row) => row.id);
  return {
    version: 1,
    round,
    kind: 'dialogue',
    createdAt: new Date().toISOString(),
    problemIds,
    model,
    promptSet: settings.promptSet,
    promptsHash: promptsHash(prompts),
    prompts,
    dialogue,
    filters: settings.filters,
    grading: resolvePolicy(settings.grading),
    seed,
    expected: await withTime(dataset, model, dialogue, expectation(problemIds.length, dialogue)),
  };
}

/** Adds the wall time by length and speed of the model's latest timed round. */
async function withTime(
  dataset: Dataset,
  model: ModelRef,
  { answer }: DialogueSettings,
  expected: Expectation,
): Promise<Expectation> {
  const rounds = await roundsOf(dataset, model);
  const { completionTokens, tokensPerSecond } = await assumedRate(dataset, rounds, answer, ['dialogue', 'sampling']);
  if (tokensPerSecond === undefined) return expected;
  const seconds = completionTokens / tokensPerSecond;
  return { ...expected, secondsMin: expected.requestsMin * seconds, secondsMax: expected.requestsMax * seconds };
}

/** The dataset's settings, replaced by those given for this round. */
function dialogueOf(own: DialogueSettings, args: PlanArgs): DialogueSettings {
  const { asking, mode, turns, keepPerProblem, firstWrongShare, behavioursOff, tries } = args;
  const given = Object.entries({ asking, mode, turns, keepPerProblem, firstWrongShare, behavioursOff });
  return DialogueSettings.parse({
    ...own,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    tries: { ...own.tries, ...tries },
  });
}

/** SHA-256 over names and texts of the prompt files, sorted by name. */
export function promptsHash(prompts: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(prompts).sort()) hash.update(JSON.stringify([name, prompts[name]]));
  return hash.digest('hex');
}

/** `promptsHash` of the files of one piece: its prompt file, included files, and the hint in hinted mode. Undefined when the file is missing. */
export function promptHash(
  prompts: Readonly<Record<string, string>>,
  file: string,
  mode: DialogueSettings['mode'],
): string | undefined {
  const files = filesOf(prompts, file, mode);
  return files.length === 0
    ? undefined
    : promptsHash(Object.fromEntries(files.map((name) => [name, prompts[name] ?? ''])));
}

/**
 * Problems of these levels and topics, and `among` if given; at most `problems`, the least tried first, with the seed deciding among equals.
 * @throws UserError `round` when there is none.
 */
export function chooseProblems(
  dataset: Dataset,
  args: {
    problems?: number | undefined;
    levels?: string[] | undefined;
    topics?: string[] | undefined;
    among?: ReadonlySet<string> | undefined;
  },
  seed: number,
  attempts: (problemId: string) => number,
): ProblemRow[] {
  const all = dataset.index.problems();
  const rows = all.filter(inScope(args));
  if (rows.length === 0) {
    throw new UserError(
      'round',
      all.length === 0 ? 'The dataset has no problems yet.' : 'No problem has that level and topic.',
      'Import some with Longhand: Import Problems…, or choose other levels and topics.',
    );
  }
  const left = rows.filter((row) => args.among?.has(row.id) ?? true);
  if (left.length === 0) {
    throw new UserError(
      'round',
      'No problem is left for hinted mode: each one is solved or was never tried.',
      'Run a blind round first. Hinted mode uses problems that were tried and not solved.',
    );
  }
  return left
    .map((row) => ({ row, attempts: attempts(row.id), lot: seedOf(seed, row.id) }))
    .sort((a, b) => a.attempts - b.attempts || a.lot - b.lot)
    .slice(0, args.problems)
    .map(({ row }) => row);
}

/**
 * Problems that were tried and not solved: no graded answer and no chain of any round is correct. In hinted rounds only answer[1], which has no hint,
 * counts as a try; their passed chains count as solved, so that they are not repeated.
 */
async function unsolvedProblems(dataset: Dataset): Promise<Set<string>> {
  const tried = new Set<string>();
  const solved = new Set<string>();
  const hinted = new Set<string>();
  for (const round of await dataset.rounds()) {
    const isHinted = (await dataset.roundPlan(round)).dialogue?.mode === 'hinted';
    if (isHinted) hinted.add(round);
    // A later line for a key replaces an earlier one.
    const last = new Map<string, { problemId: string; outcome: SampleOutcome }>();
    for await (const { key, problemId, piece, verdict, reply } of dataset.grades(round)) {
      const counts = isHinted ? piece === 'answer[1]' : isAnswer(piece) || piece === 'summary' || piece === 'response';
      if (counts) last.set(key, { problemId, outcome: sampleOutcome(verdict.outcome, reply) });
    }
    for (const { problemId, outcome } of last.values()) {
      if (outcome === 'correct') solved.add(problemId);
      if (outcome === 'incorrect') tried.add(problemId);
    }
  }
  for (const { problemId, outcome, passed, round } of dataset.index.chains()) {
    tried.add(problemId);
    if (outcome === 'correct' && (passed || !hinted.has(round))) solved.add(problemId);
  }
  return new Set([...tried].filter((id) => !solved.has(id)));
}
