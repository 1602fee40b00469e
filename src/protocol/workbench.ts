import { z } from 'zod';
import {
  CallReply,
  ChainClass,
  ChatMessage,
  FilterResult,
  ModelRole,
  PieceName,
  Problem,
  PromptSet,
  Segment,
  Verdict,
} from '../core/schemas/index.ts';
import { dataset, flag, positional } from './arguments.ts';
import { WORKBENCH_KEYS, type WorkbenchAction } from './keys.ts';
import { PAGE_REPORTS } from './page.ts';

const actions = WORKBENCH_KEYS.map(({ action }) => action) as [WorkbenchAction, ...WorkbenchAction[]];
const count = z.number().int().nonnegative();

/** A call of a piece that was answered, by the model or by the journal. */
export const TriedPiece = z.object({
  piece: PieceName,
  /** Name of the prompt file, without `.md`. */
  prompt: z.string(),
  /** Of the prompt file and the fragments in it, as they were then: 64 hex digits, empty where that is not known. */
  promptHash: z.string(),
  /** Which candidate of its piece, from 0: another one is asked for with another seed. */
  take: count,
  seed: count,
  /** Of the call in the journal. */
  key: z.string(),
  /** Keys of the calls that it builds on; not known of a kept one. */
  parents: z.array(z.string()),
  messages: z.array(ChatMessage),
  reply: CallReply,
  /** What goes into the chain: the answer, or the reasoning where a server put everything there. */
  text: z.string(),
  /** The journal answered: nothing was paid. */
  reused: z.boolean(),
  /** Of an answer or the summary. */
  verdict: Verdict.optional(),
  /** Of a check: what its verdict line says, and whether grading says so too; null where there is no line, or grading does not know. */
  check: z.object({ says: z.enum(['correct', 'wrong']).nullable(), agrees: z.boolean().nullable() }).optional(),
});
export type TriedPiece = z.infer<typeof TriedPiece>;

/** What the pieces come to. */
export const TriedEnd = z.object({
  class: ChainClass.nullable(),
  chain: z
    .object({
      text: z.string(),
      segments: z.array(Segment),
      filters: z.array(FilterResult),
      passed: z.boolean(),
      verdict: Verdict,
    })
    .nullable(),
  /** Why there is no chain, or what a round would do otherwise; in words for a person. */
  notes: z.array(z.string()),
});
export type TriedEnd = z.infer<typeof TriedEnd>;

/** What happens while a problem is tried, in this order for each piece; a call that the journal answers is only `done`. */
export const TryEvent = z.discriminatedUnion('type', [
  /** A call was sent, or is sent again after it failed: what it streamed before counts no more. */
  z.object({ type: z.literal('asking'), piece: PieceName, seed: count, messages: z.array(ChatMessage) }),
  z.object({ type: z.literal('part'), piece: PieceName, text: z.string(), reasoning: z.string() }),
  z.object({ type: z.literal('done'), tried: TriedPiece }),
]);
export type TryEvent = z.infer<typeof TryEvent>;

/** What the pieces of one problem are tried with. */
export const TryArgs = z.object({
  dataset,
  problem: positional(z.string().min(1), 'id of the problem'),
  role: ModelRole.default('base').describe('model of the dataset that answers: base (the default) or fine-tuned'),
  until: flag(PieceName.optional(), 'the last piece that is requested, such as check[1]', { value: 'PIECE' }),
  takes: z
    .record(PieceName, z.number().int().nonnegative())
    .optional()
    .describe('another seed for a piece: {"answer[1]":1} requests its second candidate'),
  kept: z
    .record(PieceName, z.string())
    .optional()
    .describe('pieces taken from workbench/journal.jsonl, by the keys of their calls: {"answer[1]":"031a…"}'),
});
export type TryArgs = z.infer<typeof TryArgs>;

export const TryResult = z.object({
  problem: z.string(),
  role: ModelRole,
  model: z.string(),
  promptSet: PromptSet,
  promptsHash: z.string(),
  pieces: z.array(TriedPiece),
  /** Null unless all pieces exist. */
  end: TriedEnd.nullable(),
  /** The piece that the server refused to answer as requested. */
  refused: z.object({ piece: PieceName, reason: z.string() }).optional(),
  /** Calls paid for, and those that the journal answered. */
  calls: count,
  reused: count,
});
export type TryResult = z.infer<typeof TryResult>;

/** A piece as the page shows it. */
export const WorkbenchPiece = z.object({
  piece: PieceName,
  prompt: z.string(),
  /** As it is on disk now; null when the file is missing. */
  promptHash: z.string().nullable(),
  state: z.enum(['idle', 'waiting', 'asking']),
  /** The call that is being answered. */
  asking: z.object({ seed: count, messages: z.array(ChatMessage), text: z.string(), reasoning: z.string() }).nullable(),
  /** The last run, and the one before it that was another call. */
  last: TriedPiece.nullable(),
  before: TriedPiece.nullable(),
  /** The last run was asked with a prompt that is no longer the one on disk. */
  changed: z.boolean(),
  /** It builds on a run of an earlier piece that another one has taken the place of. */
  stale: z.boolean(),
});
export type WorkbenchPiece = z.infer<typeof WorkbenchPiece>;

/** Host to webview. A snapshot is whole: a hidden webview loses messages, and needs nothing but the next one. */
export const ToWorkbench = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    dataset: z.string(),
    problem: Problem.pick({ id: true, problem: true, answer: true, level: true, topic: true }).nullable(),
    /** From 1, among all problems of the dataset. */
    position: count,
    problems: count,
    role: ModelRole,
    /** Its name; null where none is chosen for the role. */
    model: z.string().nullable(),
    promptSet: z.string(),
    /** Over all files of the set as they are now; a round asked now would carry it. */
    promptsHash: z.string().nullable(),
    pieces: z.array(WorkbenchPiece),
    running: z.boolean(),
    end: TriedEnd.nullable(),
    trouble: z.string().nullable(),
    trusted: z.boolean(),
  }),
  /** More text of the piece that is being answered. */
  z.object({ type: z.literal('part'), piece: PieceName, text: z.string(), reasoning: z.string() }),
  z.object({ type: z.literal('announce'), text: z.string(), tone: z.enum(['info', 'warning', 'error']) }),
]);
export type ToWorkbench = z.infer<typeof ToWorkbench>;
export type WorkbenchSnapshot = Extract<ToWorkbench, { type: 'snapshot' }>;

/** Webview to host. */
export const FromWorkbench = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** `piece` is the one that the page stands at. */
  z.object({ type: z.literal('perform'), action: z.enum(actions), piece: PieceName.optional() }),
  ...PAGE_REPORTS,
]);
export type FromWorkbench = z.infer<typeof FromWorkbench>;
