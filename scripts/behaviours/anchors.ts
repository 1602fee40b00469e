import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sentence } from '../../src/core/behaviours/index.ts';
import type { Behaviour } from '../../src/core/schemas/index.ts';

/**
 * The label of the thought-anchors taxonomy for each kind. It is another taxonomy: self-checking excludes most of the working of a
 * check, uncertainty management includes doubts that undo nothing, plan generation includes announcements that also compute. Backward
 * reasoning has no counterpart.
 */
export const ANCHOR_LABELS: Readonly<Partial<Record<Behaviour, string>>> = {
  verification: 'self_checking',
  backtracking: 'uncertainty_management',
  subgoal: 'plan_generation',
};

const Row = z.object({
  id: z.string(),
  model: z.string(),
  text: z.string(),
  spans: z.array(z.object({ start: z.number(), end: z.number(), all_labels: z.array(z.string()) })),
});

/** A text with the sentences of its annotators, which are not quite ours, and their labels. */
export interface AnchorText {
  id: string;
  model: string;
  text: string;
  sentences: Sentence[];
  labels: string[][];
}

/** The texts of `spans/thought_anchors_llm`. */
export function readAnchors(shared: string): AnchorText[] {
  return readFileSync(join(shared, 'spans', 'thought_anchors_llm.jsonl'), 'utf8')
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const { id, model, text, spans } = Row.parse(JSON.parse(row));
      const sentences = spans.map(({ start, end }) => ({ start, end, textEnd: end }));
      return { id, model, text, sentences, labels: spans.map(({ all_labels }) => all_labels) };
    });
}

/** For each sentence 1 if it has the label of the kind, else 0. */
export function anchorLabels({ labels }: AnchorText, kind: Behaviour): Uint8Array {
  const wanted = ANCHOR_LABELS[kind];
  return Uint8Array.from(labels, (list) => Number(wanted !== undefined && list.includes(wanted)));
}
