import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sentence } from '../../src/core/behaviours/index.ts';
import { PHASES, Phase } from '../../src/core/schemas/index.ts';
import { type LabelledDocument, textHash } from './documents.ts';

const Row = z.object({
  id: z.string(),
  model: z.string(),
  problem_id: z.number(),
  text: z.string(),
  spans: z.array(z.object({ start: z.number(), end: z.number(), label: Phase })),
});

/** A text with the sentences of its annotators and the phase that people gave to each, as a place in PHASES. */
export interface PhaseText {
  id: string;
  model: string;
  problem: string;
  text: string;
  sentences: Sentence[];
  phases: Uint8Array;
}

/** SHA-256 over the texts and the phases that people gave them, 16 hex digits. */
export function peopleHash(texts: readonly PhaseText[]): string {
  return textHash(JSON.stringify(texts.map(({ text, phases }) => [text, ...phases])));
}

/** The same texts as documents that labels of behaviours belong to. The texts of their problems are not there. */
export function peopleDocuments(shared: string): LabelledDocument[] {
  return readPhaseTexts(shared).map(documentOf);
}

export function documentOf({ id, model, text, sentences }: PhaseText): LabelledDocument {
  return { id, model, correct: undefined, text, sentences };
}

/** The texts of `spans/thinkarm_human`: 42 answers of six models to nine problems, labelled by people. */
export function readPhaseTexts(shared: string): PhaseText[] {
  return readFileSync(join(shared, 'spans', 'thinkarm_human.jsonl'), 'utf8')
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => {
      const { id, model, problem_id, text, spans } = Row.parse(JSON.parse(row));
      return {
        id,
        model,
        problem: String(problem_id),
        text,
        sentences: spans.map(({ start, end }) => ({ start, end, textEnd: end })),
        phases: Uint8Array.from(spans, ({ label }) => PHASES.indexOf(label)),
      };
    });
}
