import { z } from 'zod';
import { schemaProblem } from '../../models/json-reply.ts';
import { BEHAVIOURS, Behaviour, BehaviourAct, Phase, SpanSource } from '../../schemas/index.ts';
import { kindsOf } from './judgement.ts';
import type { BehaviourLabels } from './task.ts';
import { type NumberedSentence, numberRanges, numberSentences } from './windows.ts';

const Offset = z.number().int().nonnegative();

const BASE = {
  id: z.union([z.string(), z.number()]).optional(),
  /** Text of the problem. */
  problem: z.string().optional(),
  text: z.string().min(1),
};

/** Labels as ThinkARM has them: each span is a sentence with its phase. */
const PhaseRow = z.object({
  ...BASE,
  spans: z.array(z.object({ start: Offset, end: Offset, label: Phase })).min(1),
});

/** Labels as Longhand has them: each span is an episode of a behaviour, with its acts if they were labelled. */
const BehaviourRow = z.object({
  ...BASE,
  spans: z.array(
    z.object({
      start: Offset,
      end: Offset,
      kind: Behaviour,
      source: SpanSource.optional(),
      acts: z.array(BehaviourAct).optional(),
    }),
  ),
});

interface Text {
  id: string;
  problem: string | undefined;
  sentences: readonly NumberedSentence[];
}

/** A text with labels by people, one for each of its sentences. */
export type LabelledText = Text &
  (
    | { form: 'phases'; labels: readonly Phase[] }
    | { form: 'behaviours'; labels: readonly BehaviourLabels[]; hasActs: boolean }
  );

/**
 * Reads a row of labels by people. Spans that name another source than people are ignored.
 * @param place of the row in its file, from 1, which names a text without an id
 */
export function readLabelledText(row: unknown, place: number): { text: LabelledText } | { reason: string } {
  const byPhase = PhaseRow.safeParse(row);
  if (byPhase.success) return phaseText(byPhase.data, place);
  const byBehaviour = BehaviourRow.safeParse(row);
  if (byBehaviour.success) return behaviourText(byBehaviour.data, place);
  const isPhase = z.object({ spans: z.array(z.object({ label: z.string() })).min(1) }).safeParse(row).success;
  return { reason: schemaProblem((isPhase ? byPhase : byBehaviour).error) };
}

function phaseText(row: z.infer<typeof PhaseRow>, place: number): { text: LabelledText } | { reason: string } {
  const spans = row.spans.toSorted((a, b) => a.start - b.start);
  if (!areInside(spans, row.text)) return { reason: 'A span is empty or extends past the end of the text.' };
  if (spans.some(({ start }, i) => start < (spans[i - 1]?.end ?? 0))) return { reason: 'Two sentences overlap.' };
  const sentences = numberRanges(row.text, spans);
  if (sentences.length < spans.length) return { reason: 'A labelled sentence is blank.' };
  return { text: { ...textOf(row, place), sentences, form: 'phases', labels: spans.map(({ label }) => label) } };
}

function behaviourText(row: z.infer<typeof BehaviourRow>, place: number): { text: LabelledText } | { reason: string } {
  const spans = row.spans.filter(({ source = 'human' }) => source === 'human');
  const acts = spans.flatMap(({ kind, acts = [] }) => acts.map(({ start, end }) => ({ kind, start, end })));
  if (!areInside([...spans, ...acts], row.text))
    return { reason: 'A span is empty or extends past the end of the text.' };
  const sentences = numberSentences(row.text);
  const [inEpisodes, inActs] = [kindsOf(sentences, spans), kindsOf(sentences, acts)];
  const labels = sentences.map((_, i) => {
    const [episodes, own] = [inEpisodes[i] ?? [], inActs[i] ?? []];
    return { kinds: BEHAVIOURS.filter((kind) => episodes.includes(kind) || own.includes(kind)), acts: own };
  });
  return { text: { ...textOf(row, place), sentences, form: 'behaviours', labels, hasActs: acts.length > 0 } };
}

function textOf({ id, problem }: Pick<z.infer<typeof PhaseRow>, 'id' | 'problem'>, place: number) {
  return { id: String(id ?? place), problem };
}

function areInside(spans: readonly BehaviourAct[], text: string): boolean {
  return spans.every(({ start, end }) => start < end && end <= text.length);
}
