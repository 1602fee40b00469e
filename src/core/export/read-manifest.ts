import { z } from 'zod';
import { isPlainPath } from '../dataset/hub-name.ts';
import { Lineage, type Manifest } from './manifest.ts';

export const MANIFEST_FILE = 'manifest.json';

const count = z.number().int().nonnegative();
const Counted = z.record(z.string(), count);
/** What other code reads of a manifest, which may come from anywhere. More members are kept. */
const Shape = z.looseObject({
  version: z.literal(1),
  name: z.string().min(1).max(300),
  createdAt: z.string(),
  longhand: z.string(),
  dataset: z.looseObject({ id: z.string(), name: z.string() }),
  selection: z.looseObject({
    select: z.enum(['accepted', 'passed']),
    rule: z.string(),
    rounds: z.union([z.array(z.string()), z.literal('all')]),
  }),
  files: z.record(
    z.string().refine(isPlainPath),
    z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: count, rows: count.optional() }),
  ),
  counts: z.looseObject({
    ...{ chains: count, problems: count, edited: count, overruled: count, trained: count, masked: count },
    prefixRows: count,
    ...{ byClass: Counted, byDecision: Counted, byRound: Counted, failedFilter: Counted, byBehaviour: Counted },
    warnings: Counted,
  }),
  rounds: z.array(Lineage),
  reviewers: z.array(z.looseObject({ reviewer: z.string(), accepted: count, edited: count })),
  sources: z.array(z.looseObject({ source: z.string(), licence: z.string(), problems: count, chains: count })),
});

/** The manifest of an export; undefined for anything else. */
export function readManifest(text: string): Manifest | undefined {
  try {
    const { data } = Shape.safeParse(JSON.parse(text));
    // Members that are not checked are only written again.
    return data as Manifest | undefined;
  } catch {
    return undefined;
  }
}
