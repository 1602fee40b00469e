import { z } from 'zod';
import { ChainClass, PieceName } from './chain.ts';
import { Sampling } from './generation.ts';
import { ModelRef } from './model-ref.ts';
import { GradingPolicy } from './policy.ts';
import { PromptSet } from './prompt-set.ts';
import { SamplingPlan, SamplingSummary } from './sampling.ts';
import { AssemblySettings, DialogueSettings, FilterSettings } from './settings.ts';
import { Verdict } from './verdict.ts';

export const RoundKind = z.enum(['dialogue', 'sampling', 'handwritten', 'imported']);
export type RoundKind = z.infer<typeof RoundKind>;

/** Whether a model makes such a round: it runs, and can be cancelled and resumed. */
export function isGenerated(kind: RoundKind): boolean {
  return kind === 'dialogue' || kind === 'sampling';
}

/** Expected work of a round, from min (nothing needs a second try) to max (every try is used). */
export const Expectation = z.object({
  requestsMin: z.number().int().nonnegative(),
  requestsMax: z.number().int().nonnegative(),
  /** Upper bound of completion tokens: every request up to its limit. */
  tokensMax: z.number().int().nonnegative(),
});
export type Expectation = z.infer<typeof Expectation>;

/** `rounds/<n>-<name>/plan.json`: written once, before the first call; everything that a resume needs. */
export const RoundPlan = z.object({
  version: z.literal(1),
  /** Folder name, `<n>-<name>`. */
  round: z.string().min(1),
  kind: RoundKind,
  createdAt: z.string(),
  problemIds: z.array(z.string()),
  /** What made a handwritten or imported round: a file name, never an absolute path. */
  from: z.string().optional(),
  model: ModelRef.optional(),
  promptSet: PromptSet.optional(),
  /** SHA-256 over the prompt files' names and texts; the texts themselves are in `prompts` beside it. */
  promptsHash: z.string().optional(),
  prompts: z.record(z.string(), z.string()).optional(),
  dialogue: DialogueSettings.optional(),
  /** Of a sampling round. */
  sampling: SamplingPlan.optional(),
  filters: FilterSettings.optional(),
  grading: GradingPolicy.optional(),
  /** Seeds of the calls derive from this number. */
  seed: z.number().int().nonnegative().optional(),
  expected: Expectation.optional(),
});
export type RoundPlan = z.infer<typeof RoundPlan>;

export const ChatMessage = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });
export type ChatMessage = z.infer<typeof ChatMessage>;

export const Usage = z.object({
  prompt: z.number().int().nonnegative(),
  completion: z.number().int().nonnegative(),
  /** The server reported no usage; counted as characters / 4. */
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof Usage>;

/** Everything that decides a reply; the journal key is its hash. */
export const CallRequest = z.object({
  /** Host and port of the endpoint, or `starter`: the starter's port changes from start to start. */
  host: z.string(),
  model: z.string(),
  messages: z.array(ChatMessage).min(1),
  sampling: Sampling,
  seed: z.number().int().nonnegative(),
  /** JSON Schema that the reply is held to where the server can; the reply is checked all the same. */
  schema: z.record(z.string(), z.unknown()).optional(),
});
export type CallRequest = z.infer<typeof CallRequest>;

export const CallReply = z.object({
  /** The answer, without the reasoning. */
  text: z.string(),
  /** `reasoning`, `reasoning_content` or the inside of `<think>`, when there was one. */
  reasoning: z.string().optional(),
  /** `stop`, `length` (truncated), or what the server said. */
  finish: z.string(),
  usage: Usage,
  /** Wall time in milliseconds, the successful attempt only. */
  ms: z.number().nonnegative(),
});
export type CallReply = z.infer<typeof CallReply>;

/**
 * How a reply came when one request asked for several. The line's own `request` is that of the single sample, with its own seed, so that its key is the same
 * whichever way it was paid for; what was sent had `n` and another seed.
 */
export const Choice = z.object({
  /** Place among the choices of the reply, from 0. */
  index: z.number().int().nonnegative(),
  /** Choices asked for at once. */
  of: z.number().int().min(2),
  /** The seed that was sent: of the first sample of the request. */
  seed: z.number().int().nonnegative(),
});
export type Choice = z.infer<typeof Choice>;

/** A line of `journal.jsonl`: one paid call. What is here is never paid for twice. */
export const JournalLine = z.object({
  /** SHA-256 of the canonical JSON of `request`, 32 hex digits. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.string(),
  problemId: z.string(),
  piece: PieceName,
  /** Which candidate of this piece, from 0. */
  index: z.number().int().nonnegative(),
  /** Of the prompt file and its fragments; in the workbench's journal, where prompts change from call to call. */
  promptHash: z.string().optional(),
  request: CallRequest,
  choice: Choice.optional(),
  reply: CallReply,
});
export type JournalLine = z.infer<typeof JournalLine>;

/** A line of `grades.jsonl`: what grading said of one journaled answer. Later lines for a key replace earlier ones. */
export const GradeLine = z.object({
  key: z.string(),
  problemId: z.string(),
  piece: PieceName,
  index: z.number().int().nonnegative(),
  verdict: Verdict,
  /** The answer was cut off by the token limit: unless it is correct all the same, it says nothing of the pass rate. */
  truncated: z.literal(true).optional(),
});
export type GradeLine = z.infer<typeof GradeLine>;

const PerClass = z.record(ChainClass, z.number().int().nonnegative());

/** `summary.json`: written when a round ends; says what the quota or the selection kept. */
export const RoundSummary = z.object({
  version: z.literal(1),
  round: z.string(),
  finishedAt: z.string(),
  calls: z.number().int().nonnegative(),
  completionTokens: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
  problems: z.number().int().nonnegative(),
  /** Problems in which no answer could be used for a chain. */
  problemsWithoutChain: z.number().int().nonnegative(),
  chains: z.number().int().nonnegative(),
  chainsPassed: z.number().int().nonnegative(),
  /** All (answer[1], answer[h]) pairs that were graded, by class. */
  pairs: PerClass,
  /** Assembled chains by class, and those left after filters and quota. */
  assembled: PerClass,
  kept: PerClass,
  /** By which thresholds the chains were filtered last, where it was not by those of the plan. */
  filters: FilterSettings.optional(),
  /** Ids of chains that passed the filters and were left out by the quota, or by the selection of a sampling round. */
  quotaDropped: z.array(z.string()),
  /** How the chains were assembled again after the round, in place of what its plan says. */
  assembly: AssemblySettings.extend({ at: z.string(), connectivesHash: z.string().optional() }).optional(),
  sampling: SamplingSummary.optional(),
});
export type RoundSummary = z.infer<typeof RoundSummary>;
