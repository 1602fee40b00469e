import { z } from 'zod';
import { ChainClass, PieceName } from './chain.ts';
import { PromptSet, Sampling } from './generation.ts';
import { ModelRef } from './model-ref.ts';
import { GradingPolicy } from './policy.ts';
import { RepairPlan, RepairSummary } from './repair.ts';
import { NoAnswer, RepliesByKind } from './reply.ts';
import { SamplingPlan, SamplingSummary } from './sampling.ts';
import { AssemblySettings, DialogueSettings, FilterSettings } from './settings.ts';
import { Verdict } from './verdict.ts';

export const RoundKind = z.enum(['dialogue', 'sampling', 'handwritten', 'imported', 'continued', 'repair']);
export type RoundKind = z.infer<typeof RoundKind>;

/** Expected use of a round, from the first candidates only to all candidates. */
export const Expectation = z.object({
  requestsMin: z.number().int().nonnegative(),
  requestsMax: z.number().int().nonnegative(),
  /** Maximum completion tokens: every request at its limit. */
  tokensMax: z.number().int().nonnegative(),
  /** Wall time at the speed of the model's latest round; absent without a finished one. */
  secondsMin: z.number().nonnegative().optional(),
  secondsMax: z.number().nonnegative().optional(),
});
export type Expectation = z.infer<typeof Expectation>;

/** `rounds/<n>-<name>/plan.json`, written once before the first call, with everything that a resume needs. */
export const RoundPlan = z.object({
  version: z.literal(1),
  /** Folder name, `<n>-<name>`. */
  round: z.string().min(1),
  kind: RoundKind,
  createdAt: z.string(),
  problemIds: z.array(z.string()),
  /** Source of a handwritten or imported round: a file name, not a path. */
  from: z.string().optional(),
  model: ModelRef.optional(),
  promptSet: PromptSet.optional(),
  /** SHA-256 over the prompt files' names and texts; the texts themselves are in `prompts` beside it. */
  promptsHash: z.string().optional(),
  prompts: z.record(z.string(), z.string()).optional(),
  dialogue: DialogueSettings.optional(),
  /** Of a sampling round. */
  sampling: SamplingPlan.optional(),
  /** Of a round that repairs chains. */
  repair: RepairPlan.optional(),
  filters: FilterSettings.optional(),
  grading: GradingPolicy.optional(),
  /** Base of the seeds of all calls. */
  seed: z.number().int().nonnegative().optional(),
  expected: Expectation.optional(),
  /** Of a round that was exported and imported again: its lineage in the manifest of the export. */
  lineage: z.record(z.string(), z.unknown()).optional(),
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

/** All inputs of a reply; the journal key is its hash. */
export const CallRequest = z.object({
  /** Host and port of the endpoint, or `starter`, whose port changes. */
  host: z.string(),
  model: z.string(),
  messages: z.array(ChatMessage).min(1),
  /** The beginning of the assistant's reply, which it continues without a new turn. A thought in it is between `<think>` and `</think>`. */
  prefix: z.string().optional(),
  sampling: Sampling,
  seed: z.number().int().nonnegative(),
  /** JSON Schema for servers that support it; the reply is validated in any case. */
  schema: z.record(z.string(), z.unknown()).optional(),
});
export type CallRequest = z.infer<typeof CallRequest>;

export const CallReply = z.object({
  /** The answer, without the reasoning. After a `prefix`, all of the text as it came, with tags and white space. */
  text: z.string(),
  /** `reasoning`, `reasoning_content` or the content of `<think>`. */
  reasoning: z.string().optional(),
  /** The model's refusal, if a server sends it separately. */
  refusal: z.string().optional(),
  /** `finish_reason` as the server sent it; replyOutcome reads it. */
  finish: z.string(),
  usage: Usage,
  /** Wall time of the successful request in milliseconds. */
  ms: z.number().nonnegative(),
});
export type CallReply = z.infer<typeof CallReply>;

/**
 * The position of a reply in a request for several. The line's own `request` is that of the single sample with its own seed, so that its key does
 * not depend on how it was requested; the actual request had `n` and another seed.
 */
export const Choice = z.object({
  /** Index among the choices of the reply. */
  index: z.number().int().nonnegative(),
  /** Number of requested choices. */
  of: z.number().int().min(2),
  /** The seed of the request: that of its first sample. */
  seed: z.number().int().nonnegative(),
});
export type Choice = z.infer<typeof Choice>;

/** A line of `journal.jsonl`: one paid call, which is never paid again. */
export const JournalLine = z.object({
  /** SHA-256 of the canonical JSON of `request`, 32 hex digits. */
  key: z.string().regex(/^[0-9a-f]{32}$/),
  at: z.string(),
  problemId: z.string(),
  piece: PieceName,
  /** Which candidate of this piece, from 0. */
  index: z.number().int().nonnegative(),
  /** Of the prompt file and its fragments; only in the workbench's journal, where prompts change between calls. */
  promptHash: z.string().optional(),
  /** Id of the chain that it continues. */
  continues: z.string().optional(),
  request: CallRequest,
  choice: Choice.optional(),
  reply: CallReply,
});
export type JournalLine = z.infer<typeof JournalLine>;

/** A line of `grades.jsonl`: the verdict of one journaled answer. Later lines for a key replace earlier ones. */
export const GradeLine = z.preprocess(
  // Earlier versions stored `truncated: true` instead of `reply`.
  (line) => (isRecord(line) && line.truncated === true ? { reply: 'truncated', ...line } : line),
  z.object({
    key: z.string(),
    problemId: z.string(),
    piece: PieceName,
    index: z.number().int().nonnegative(),
    verdict: Verdict,
    /** How the reply ended, if it has no answer; see sampleOutcome. */
    reply: NoAnswer.optional(),
  }),
);
export type GradeLine = z.infer<typeof GradeLine>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const PerClass = z.record(ChainClass, z.number().int().nonnegative());

/** `summary.json` of a finished round, with the result of the quota or selection. */
export const RoundSummary = z.object({
  version: z.literal(1),
  round: z.string(),
  finishedAt: z.string(),
  calls: z.number().int().nonnegative(),
  /** All replies by how they ended. Absent in rounds of earlier versions. */
  replies: RepliesByKind.optional(),
  completionTokens: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
  problems: z.number().int().nonnegative(),
  /** Problems without a chain. */
  problemsWithoutChain: z.number().int().nonnegative(),
  chains: z.number().int().nonnegative(),
  chainsPassed: z.number().int().nonnegative(),
  /** All (answer[1], answer[h]) pairs that were graded, by class. */
  pairs: PerClass,
  /** Assembled chains by class, and those kept after filters and quota. */
  assembled: PerClass,
  kept: PerClass,
  /** Thresholds of the latest filtering, if they differ from the plan's. */
  filters: FilterSettings.optional(),
  /** Ids of chains that passed the filters and were excluded by the quota or the selection. */
  quotaDropped: z.array(z.string()),
  /** The latest assembly, if it differs from the plan's. */
  assembly: AssemblySettings.extend({ at: z.string(), connectivesHash: z.string().optional() }).optional(),
  sampling: SamplingSummary.optional(),
  repair: RepairSummary.optional(),
});
export type RoundSummary = z.infer<typeof RoundSummary>;
