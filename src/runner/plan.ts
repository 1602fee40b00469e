import { createHash } from 'node:crypto';
import { resolvePolicy } from '../core/answers/policies.ts';
import { checkPrompts, expectation, seedOf } from '../core/dialogue/index.ts';
import { DialogueSettings, type Problem, type RoundPlan } from '../core/model/index.ts';
import type { VerbArgs } from '../protocol/verbs.ts';
import type { Dataset } from '../store/index.ts';
import { slug } from '../store/names.ts';
import type { ProblemRow } from '../store/rows.ts';
import { RoundError } from './error.ts';

/**
 * Decides everything about a round before its first call: which problems, which prompts and settings, what it may cost. Problems that
 * have been tried least come first, so that repeated rounds cover the dataset; the seed decides among equals.
 * @throws RoundError when the dataset has no model or no problem that fits; PromptError when a prompt file can't be used.
 */
export async function planRound(dataset: Dataset, args: Omit<VerbArgs<'plan'>, 'dataset'>): Promise<RoundPlan> {
  const { settings } = dataset;
  const model = settings.model;
  if (!model) throw new RoundError('The dataset has no model yet.', 'Choose one with “Longhand: Select Model…”.');
  const prompts = await dataset.prompts(settings.promptSet);
  checkPrompts(prompts, (args.asking ?? settings.dialogue.asking) === 'dialogue');
  const round = `${dataset.nextRoundNumber()}-${slug(args.name ?? 'dialogue', 'round')}`;
  const seed = args.seed ?? seedOf(dataset.settings.id, round);
  const tried = (id: string): number => dataset.index.passRate(id)?.attempts ?? 0;
  const problemIds = chooseProblems(dataset, args, seed, tried).map((row) => row.id);
  const dialogue = DialogueSettings.parse({
    ...settings.dialogue,
    ...(args.asking ? { asking: args.asking } : {}),
    tries: { ...settings.dialogue.tries, ...args.tries },
  });
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
    expected: expectation(problemIds.length, dialogue),
  };
}

/** SHA-256 over names and texts of the prompt files, in the order of their names. */
export function promptsHash(prompts: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(prompts).sort()) hash.update(JSON.stringify([name, prompts[name]]));
  return hash.digest('hex');
}

/**
 * Problems of the wanted levels and topics; where there are more than `problems`, those with the fewest `attempts`, and the seed decides
 * among equals.
 * @throws RoundError when there is none.
 */
export function chooseProblems(
  dataset: Dataset,
  args: { problems?: number | undefined; levels?: string[] | undefined; topics?: string[] | undefined },
  seed: number,
  attempts: (problemId: string) => number,
): ProblemRow[] {
  const fits = (wanted: readonly string[] | undefined, value: Problem['level']): boolean =>
    wanted === undefined || wanted.length === 0 || wanted.includes(String(value));
  const all = dataset.index.problems();
  const rows = all.filter((row) => fits(args.levels, row.level) && fits(args.topics, row.topic));
  if (rows.length === 0) {
    throw new RoundError(
      all.length === 0 ? 'The dataset has no problems yet.' : 'No problem has that level and topic.',
      'Import some with Longhand: Import Problems…, or choose other levels and topics.',
    );
  }
  return rows
    .map((row) => ({ row, attempts: attempts(row.id), lot: seedOf(seed, row.id) }))
    .sort((a, b) => a.attempts - b.attempts || a.lot - b.lot)
    .slice(0, args.problems)
    .map(({ row }) => row);
}
