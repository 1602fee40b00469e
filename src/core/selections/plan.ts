import { z } from 'zod';
import { EvaluationSet } from '../evaluation/evaluation-plan.ts';
import { EngineChoice, FilterId, GgufType, RequestedSettings, Sampling, ServerId } from '../schemas/index.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();
const share = z.number().min(0).max(1);

/** `a` and `b`: the selections. `control`: random chains. `base`: the model before training. `prompted`: that model with a prompt of its own. */
export const ArmName = z.enum(['a', 'b', 'control', 'base', 'prompted']);
export type ArmName = z.infer<typeof ArmName>;

/** An arm with its rows in one seed. */
export const ArmDraw = z.object({
  seed: count,
  arm: ArmName,
  /** Ids of chains. */
  chains: z.array(z.string()),
  tokens: count,
  /** UTF-16 code units that are trained on, and all. */
  trained: count,
  characters: count,
  problems: count,
});
export type ArmDraw = z.infer<typeof ArmDraw>;

/** A trained arm: which chains it draws from, and how they are trained on. */
export const SelectionArm = z.object({
  arm: ArmName,
  /** In the query language; null for the chains of `a` and `b` together. */
  where: z.string().nullable(),
  /** Masked text is trained on too. */
  unmasked: z.boolean(),
  /** Only chains that an export of passed chains selects: the quota of each round, decisions, and one selection over all rounds. */
  selected: z.literal(true).optional(),
  /** Share of its rows that match `shareOf`. */
  share: share.optional(),
  /** The chains that match, without repeated texts of a problem. */
  chains: count,
  problems: count,
  tokens: count,
});
export type SelectionArm = z.infer<typeof SelectionArm>;

/** Something that was checked before the first training: `error` stops it, `warning` is to be read. */
export const SelectionCheck = z.object({
  id: z.enum([
    'rows',
    'tokens',
    'lengths',
    'overlap',
    'control',
    'contamination',
    'gold',
    'seeds',
    'power',
    'training',
  ]),
  state: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  advice: z.string().optional(),
});
export type SelectionCheck = z.infer<typeof SelectionCheck>;

/** A set of held-out problems, which are in `problems-<n>.jsonl`, n from 1. */
const HeldOutSet = z.object({
  /** As its results are called: each set has another name. */
  name: z.string().min(1),
  set: EvaluationSet,
  problems: count,
  hash: z.string(),
  /** Pass rate of the base model, where it is from, and the smallest difference that is found with 80 %; absent where no problem can be graded. */
  power: z
    .object({ rate: share, from: z.string(), isAssumed: z.literal(true).optional(), detectable: amount })
    .optional(),
});
export type HeldOutSet = z.infer<typeof HeldOutSet>;

/** Expected work of all seeds; what is unknown is absent. */
const ExpectedWork = z.object({
  trainings: count,
  evaluations: count,
  requests: count,
  completionTokens: amount,
  /** Of all requests, in the currency of the prices. */
  cost: amount.optional(),
  /** Trained tokens, over all epochs. */
  trainedTokens: amount,
  trainingSeconds: amount.optional(),
  evaluationSeconds: amount.optional(),
});

/** `comparisons/<n>-<name>/plan.json`, written once before the first training. Programs to run are not in it: they come from flags and settings. */
export const SelectionsPlan = z.object({
  version: z.literal(1),
  /** Folder name, `<n>-<name>`. */
  comparison: z.string().min(1),
  /** In the names of its exports, runs and evaluations, so that those of a deleted or renamed comparison are never taken for its own. */
  id: z.string().regex(/^[0-9a-f]{8}$/),
  createdAt: z.string(),
  arms: z.array(SelectionArm).min(2),
  /** The base model is evaluated too. */
  base: z.boolean(),
  /** It is evaluated with the prompt of `base-prompt.md` too. */
  basePrompt: z.literal(true).optional(),
  /** What A is compared with first, which is the question. */
  against: ArmName.optional(),
  shareOf: z.string().optional(),
  /** A has the chains that pass all filters, B those that pass all but this one. */
  filter: FilterId.optional(),
  seeds: z.array(count).min(1),
  /** Of each arm. */
  rows: count,
  tolerance: share,
  sameProblems: z.boolean(),
  /** All chains of this selection are rows; the other arms have as many, of the same problems as far as they reach. */
  keepAll: z.enum(['a', 'b']).optional(),
  /** The source whose sentence all problems carry. */
  marker: z.enum(['dialogue', 'sampling']).optional(),
  draws: z.array(ArmDraw),
  /** Chains in both selections, and on the average of seeds rows in both. */
  overlap: z.object({ chains: count, rows: amount }),
  /** The first one is the question. */
  sets: z.array(HeldOutSet).min(1),
  k: z.number().int().positive(),
  response: Sampling,
  /** SHA-256 of prompts, grading policy and base model of the dataset, with which all arms are trained and evaluated. */
  conditions: z.string(),
  concurrency: z.number().int().positive().optional(),
  training: z.object({
    trainer: z.string(),
    /** A folder, a file, a name of the hub or `starter`. */
    model: z.string().optional(),
    /** Of its files; absent for a name and the starter. */
    modelHash: z.string().optional(),
    settings: RequestedSettings.optional(),
    engine: EngineChoice.optional(),
  }),
  server: ServerId.optional(),
  /** Of the GGUF files that are made for the server. */
  serverType: GgufType.optional(),
  /** Hashes of flags that decide how arms are trained and served; each absent without its flag. */
  pinned: z.object({ config: z.string(), serverArgs: z.string(), command: z.string() }).partial(),
  checks: z.array(SelectionCheck),
  expected: ExpectedWork,
});
export type SelectionsPlan = z.infer<typeof SelectionsPlan>;

/** The arms of a plan in the order of their evaluations; the base model first. */
export function armsOf({ arms, base, basePrompt }: Pick<SelectionsPlan, 'arms' | 'base' | 'basePrompt'>): ArmName[] {
  return [
    ...(base ? (['base'] as const) : []),
    ...(basePrompt ? (['prompted'] as const) : []),
    ...arms.map(({ arm }) => arm),
  ];
}

/** How many steps a plan has: exports and trainings of its arms, and evaluations on each set. */
export function stepCount(plan: Pick<SelectionsPlan, 'arms' | 'base' | 'basePrompt' | 'seeds' | 'sets'>): number {
  return plan.seeds.length * (2 * plan.arms.length + plan.sets.length * armsOf(plan).length);
}
