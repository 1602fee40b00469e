import { z } from 'zod';
import { defined } from '../defined.ts';
import { CHAIN_WARNINGS, type ChainWarning } from '../export/warnings.ts';
import { type Decision, type ReviewAct, ReviewerName, Tag } from '../schemas/index.ts';
import { plural } from '../text/format.ts';

/** What can be done to several chains in one act. */
export const BatchAct = z.discriminatedUnion('act', [
  z.object({ act: z.literal('accept'), reason: z.string().regex(/\S/).optional() }),
  z.object({ act: z.literal('reject'), reason: z.string().regex(/\S/, 'a reason is needed') }),
  z.object({ act: z.literal('tag'), tag: Tag }),
  z.object({ act: z.literal('untag'), tag: Tag }),
  z.object({ act: z.literal('note'), text: z.string().regex(/\S/, 'a text is needed') }),
  /** An empty name removes the assignment. */
  z.object({ act: z.literal('assign'), to: z.union([ReviewerName, z.literal('')]) }),
]);
export type BatchAct = z.infer<typeof BatchAct>;

/** The act of a kind with the text that it needs, or that an accept may have; BatchAct checks whether the text is valid. */
export function batchActOf(kind: BatchAct['act'], text: string): BatchAct {
  switch (kind) {
    case 'accept':
      return { act: kind, ...defined({ reason: text.trim() === '' ? undefined : text }) };
    case 'reject':
      return { act: kind, reason: text };
    case 'note':
      return { act: kind, text };
    case 'assign':
      return { act: kind, to: text };
    default:
      return { act: kind, tag: text };
  }
}

/** One reviewer's review of a chain, and what speaks against accepting it. */
export interface BatchChain {
  chainId: string;
  decision: Decision;
  tags: readonly string[];
  hasNote: boolean;
  /** Whom the reviewer has assigned it to. */
  assigned: string | undefined;
  /** Why it may not belong in a training set. */
  warnings: readonly ChainWarning[];
  /** It was not graded, so that its warnings are unknown. */
  isUngraded: boolean;
}

/** What a plan counts of the chains that it accepts; the reader asks before each of them. */
const WARNED: Readonly<Record<ChainWarning, string>> = {
  'wrong-answer': 'graded incorrect',
  truncated: 'truncated',
  'no-answer': 'without an answer',
  contaminated: 'with text of a benchmark problem',
  'filtered-out': 'filtered out',
};

/** What an act on several chains would do. */
export interface BatchPlan {
  /** The chains that it changes. */
  chains: string[];
  /** Chains that are so already. */
  unchanged: number;
  /** About the chains that it changes, such as `209 pending`. */
  parts: string[];
  /** Chains that it accepts although they are graded incorrect and not overruled. */
  incorrect: number;
}

/** The plan of an act on these chains, each listed once. */
export function planBatch(act: BatchAct, chains: readonly BatchChain[]): BatchPlan {
  const changed = chains.filter((chain) => changes(act, chain));
  return {
    chains: changed.map(({ chainId }) => chainId),
    unchanged: chains.length - changed.length,
    parts: partsOf(act, changed),
    incorrect: act.act === 'accept' ? changed.filter(({ warnings }) => warnings.includes('wrong-answer')).length : 0,
  };
}

function changes(act: BatchAct, { decision, tags, assigned }: BatchChain): boolean {
  switch (act.act) {
    case 'accept':
      return decision !== 'accepted';
    case 'reject':
      return decision !== 'rejected';
    case 'tag':
      return !tags.includes(act.tag);
    case 'untag':
      return tags.includes(act.tag);
    case 'note':
      return true;
    case 'assign':
      return (assigned ?? '') !== act.to;
  }
}

/** Reviewers in a plan; further ones are counted together. */
const NAMES = 3;

function partsOf(act: BatchAct, chains: readonly BatchChain[]): string[] {
  const part = (matches: (chain: BatchChain) => boolean, text: (count: string) => string): string[] => {
    const found = chains.filter(matches).length;
    return found === 0 ? [] : [text(found.toLocaleString('en'))];
  };
  if (act.act === 'note')
    return part(
      ({ hasNote }) => hasNote,
      (count) => `${count} with a note, which is replaced`,
    );
  if (act.act === 'assign') {
    const names = [...new Set(chains.flatMap(({ assigned }) => (assigned ? [assigned] : [])))];
    const [shown, more] = [names.slice(0, NAMES), names.slice(NAMES)];
    return [
      ...shown.flatMap((name) =>
        part(
          ({ assigned }) => assigned === name,
          (count) => `${count} assigned to ${name}`,
        ),
      ),
      ...part(
        ({ assigned = '' }) => more.includes(assigned),
        (count) => `${count} assigned to others`,
      ),
    ];
  }
  if (act.act === 'tag' || act.act === 'untag') return [];
  const parts = [
    ...part(
      ({ decision }) => decision === 'pending',
      (count) => `${count} pending`,
    ),
    ...(['accepted', 'rejected', 'skipped'] as const).flatMap((one) =>
      part(
        ({ decision }) => decision === one,
        (count) => `${count} already ${one} by you`,
      ),
    ),
  ];
  if (act.act === 'reject') return parts;
  return [
    ...parts,
    ...part(
      ({ isUngraded }) => isUngraded,
      (count) => `${count} not graded yet`,
    ),
    ...CHAIN_WARNINGS.flatMap((warning) =>
      part(
        ({ warnings }) => warnings.includes(warning),
        (count) => `${count} ${WARNED[warning]}`,
      ),
    ),
  ];
}

/** The plan in one or two sentences: `Accept 212 chains: 209 pending, 3 already rejected by you.` */
export function describeBatch(act: BatchAct, { chains, parts, unchanged }: BatchPlan): string {
  const what = titleOf(act, plural(chains.length, 'chain'));
  const list = chains.length === 0 || parts.length === 0 ? '' : `: ${parts.join(', ')}`;
  const rest = unchanged === 0 ? '' : ` Nothing changes for ${plural(unchanged, 'chain')}.`;
  return `${what}${list}.${rest}`;
}

function titleOf(act: BatchAct, chains: string): string {
  switch (act.act) {
    case 'accept':
      return `Accept ${chains}`;
    case 'reject':
      return `Reject ${chains}`;
    case 'tag':
      return act.tag === '' ? `Tag ${chains}` : `Tag ${chains} “${act.tag}”`;
    case 'untag':
      return act.tag === '' ? 'Remove a tag' : `Remove the tag “${act.tag}” of ${chains}`;
    case 'note':
      return `Write a note on ${chains}`;
    case 'assign':
      return act.to === '' ? `Remove the assignment of ${chains}` : `Assign ${chains} to ${act.to}`;
  }
}

/** Makes ids and the time of the acts. */
export interface BatchStamp {
  id(): string;
  /** ISO 8601. */
  at: string;
  reviewer: string;
}

/** The acts of a plan, one a chain. The last one ends the batch: without it, the others do not count. */
export function batchActs(act: BatchAct, chains: readonly string[], stamp: BatchStamp): ReviewAct[] {
  return stamped(
    chains.map((chainId) => ({ ...act, chainId })),
    stamp,
  );
}

/** An act of a batch, and the act on its chain that an undo or a redo would reverse now. */
export interface Reversible {
  chainId: string;
  id: string;
  next: string | undefined;
}

/** The acts that undo or redo a batch. Chains with a later act are kept as they are. */
export function reverseBatch(
  how: 'undo' | 'redo',
  done: readonly Reversible[],
  stamp: BatchStamp,
): { acts: ReviewAct[]; kept: number } {
  const possible = done.filter(({ id, next }) => id === next);
  const acts = stamped(
    possible.map(({ chainId, id }) => ({ act: how, chainId, target: id })),
    stamp,
  );
  return { acts, kept: done.length - possible.length };
}

type Unstamped = (BatchAct | { act: 'undo' | 'redo'; target: string }) & { chainId: string };

function stamped(acts: readonly Unstamped[], { id, at, reviewer }: BatchStamp): ReviewAct[] {
  const batch = id();
  return asBatch(
    acts.map((act) => ({ ...act, id: id(), at, reviewer })),
    batch,
  );
}

/** Marks acts as those of one batch. The last one ends it: without it, the others do not count. */
export function asBatch(acts: readonly ReviewAct[], id: string): ReviewAct[] {
  return acts.map((act, index) => ({
    ...act,
    batch: { id, ...defined({ last: index === acts.length - 1 ? (true as const) : undefined }) },
  }));
}
