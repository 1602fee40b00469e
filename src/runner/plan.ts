import { createHash } from 'node:crypto';
import { resolvePolicy } from '../core/answers/policies.ts';
import { checkPrompts, connectivesOf, effectivePrompts, expectation, filesOf, seedOf } from '../core/dialogue/index.ts';
import { DialogueSettings, type Problem, type RoundPlan } from '../core/model/index.ts';
import type { VerbArgs } from '../protocol/verbs.ts';
import type { Dataset } from '../store/index.ts';
import { slug } from '../store/names.ts';
import type { ProblemRow } from '../store/rows.ts';
import { RoundError } from './error.ts';
import { unsolvedProblems } from './unsolved.ts';

type PlanArgs = Omit<VerbArgs<'plan'>, 'dataset'>;

/**
 * Decides everything about a round before its first call: which problems, which prompts and settings, what it may cost. Problems that
 * have been tried least come first, so that repeated rounds cover the dataset; the seed decides among equals.
 * @throws RoundError when the dataset has no model or no problem that fits; PromptError when a prompt file can't be used.
 */
export async function planRound(dataset: Dataset, args: PlanArgs): Promise<RoundPlan> {
  const { settings } = dataset;
  const model = settings.model;
  if (!model) throw new RoundError('The dataset has no model yet.', 'Choose one with “Longhand: Select Model…”.');
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
    expected: expectation(problemIds.length, dialogue),
  };
}

/** The dataset's own settings, with what was said for this round in their place. */
function dialogueOf(own: DialogueSettings, args: PlanArgs): DialogueSettings {
  const { asking, mode, turns, keepPerProblem, firstWrongShare, behavioursOff, tries } = args;
  const given = Object.entries({ asking, mode, turns, keepPerProblem, firstWrongShare, behavioursOff });
  return DialogueSettings.parse({
    ...own,
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    tries: { ...own.tries, ...tries },
  });
}

/** SHA-256 over names and texts of the prompt files, in the order of their names. */
export function promptsHash(prompts: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(prompts).sort()) hash.update(JSON.stringify([name, prompts[name]]));
  return hash.digest('hex');
}

/** `promptsHash` of what decides one piece: its prompt file, what is taken in, and the hint in hinted mode. Undefined when the file is missing. */
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
 * Problems of the wanted levels and topics, only those `among` them where that is given; where there are more than `problems`, those with the fewest `attempts`, and the seed decides
 * among equals.
 * @throws RoundError when there is none.
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
  const left = rows.filter((row) => args.among?.has(row.id) ?? true);
  if (left.length === 0) {
    throw new RoundError(
      'Every problem here is solved, or was never tried: none is left for hints.',
      'Run a blind round first: hinted mode is for problems that nothing has solved.',
    );
  }
  return left
    .map((row) => ({ row, attempts: attempts(row.id), lot: seedOf(seed, row.id) }))
    .sort((a, b) => a.attempts - b.attempts || a.lot - b.lot)
    .slice(0, args.problems)
    .map(({ row }) => row);
}
