import { z } from 'zod';
import { isPlainPath } from '../dataset/hub-name.ts';
import { SourceMarkers } from '../sampling/index.ts';
import { FORM_IDS, PAIRINGS } from './forms/index.ts';
import { Lineage, type Manifest } from './manifest.ts';
import { DEDUPES, ROW_ORDERS } from './plan.ts';
import { Reasoning } from './reasoning.ts';
import { CHAIN_WARNINGS } from './warnings.ts';

export const MANIFEST_FILE = 'manifest.json';

const count = z.number().int().nonnegative();
const Counted = z.record(z.string(), count);
const rate = z.number().min(0).max(1);
/** How the rows were chosen. What an older version does not have is absent. */
const Selection = z.looseObject({
  select: z.enum(['accepted', 'passed', 'all']),
  rule: z.string(),
  rounds: z.union([z.array(z.string()), z.literal('all')]),
  ...z
    .object({
      ...{ chains: count, perProblem: count, seed: count, left: Counted },
      ...{ source: z.string(), markers: SourceMarkers, marker: z.string(), query: z.string() },
      pairs: z.object({ pairing: z.enum(PAIRINGS), perProblem: count, seed: count }),
      problems: z.object({ passRate: z.tuple([rate, rate]).optional(), suspects: z.boolean() }),
      reasoning: Reasoning,
      leftOut: z.array(z.enum(CHAIN_WARNINGS)),
      unmasked: z.literal(true),
      dedupe: z.enum(DEDUPES),
      order: z.enum(ROW_ORDERS),
      validation: z.object({ share: rate, rows: count, problems: count }),
    })
    .partial().shape,
});
/** What other code reads of a manifest, which may come from anywhere. More members are kept. */
const Shape = z.looseObject({
  version: z.literal(1),
  name: z.string().min(1).max(300),
  createdAt: z.string(),
  longhand: z.string(),
  dataset: z.looseObject({ id: z.string(), name: z.string() }),
  form: z.enum(FORM_IDS).optional(),
  selection: Selection,
  files: z.record(
    z.string().refine(isPlainPath),
    z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: count, rows: count.optional() }),
  ),
  counts: z.looseObject({
    ...{ chains: count, problems: count, edited: count, overruled: count, trained: count, masked: count },
    prefixRows: count,
    ...z
      .object({
        ...{ pairs: count, apart: count, reviewed: count, byTag: Counted, bySource: Counted },
        byLabel: z.object({ true: count, false: count }),
      })
      .partial().shape,
    ...{ byClass: Counted, byDecision: Counted, byRound: Counted, failedFilter: Counted, byBehaviour: Counted },
    warnings: Counted,
  }),
  rounds: z.array(Lineage),
  reviewers: z.array(z.looseObject({ reviewer: z.string().min(1), accepted: count, edited: count })),
  judges: z
    .array(z.looseObject({ model: z.string(), host: z.string(), promptHash: z.string(), chains: count }))
    .optional(),
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
