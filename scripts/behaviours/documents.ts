import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sentence, splitSentences } from '../../src/core/behaviours/index.ts';
import type { Segment } from '../../src/core/schemas/index.ts';
import { ROOT } from '../lib/paths.ts';

/** A text whose sentences are labelled. */
export interface LabelledDocument {
  id: string;
  /** Who wrote the text; folds that leave one model out go by it. */
  model: string;
  /** Its text, where it is known. */
  problem?: string;
  correct: boolean | undefined;
  text: string;
  /** Of the chains of our own. */
  pieces?: Segment[];
  /** Of the people's texts: as people split them. */
  sentences?: Sentence[];
}

/** The sentences of a document that labels refer to. */
export function sentencesOf({ text, sentences }: Pick<LabelledDocument, 'text' | 'sentences'>): Sentence[] {
  return sentences ?? splitSentences(text);
}

/** First 16 hex digits of the SHA-256 of a text: shows whether labels still belong to it. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Traces of other models, and the chains of our own. `shared`: the folder of other people's data. */
export function readDocuments(shared: string): LabelledDocument[] {
  return [...anchorDocuments(shared), ...skyDocuments(shared), ...ownDocuments()];
}

/** 40 traces of two distilled models, right and wrong ones. */
export function anchorDocuments(shared: string): LabelledDocument[] {
  return traces(join(shared, 'traces', 'thought_anchors_math.jsonl'));
}

/** 240 traces of eight checkpoints. */
export function skyDocuments(shared: string): LabelledDocument[] {
  return traces(join(shared, 'traces', 'sky_t1_aime24_8runs.jsonl'));
}

/** The chains of our own sample. */
export function ownDocuments(): LabelledDocument[] {
  const sample = join(ROOT, 'media', 'sample');
  const problems = new Map(
    lines(join(sample, 'problems', 'sample.jsonl')).map((row) => [String(row.id), String(row.problem)]),
  );
  return lines(join(sample, 'rounds', '0-handwritten', 'chains.jsonl')).map((row) => ({
    id: String(row.id),
    model: 'handwritten',
    problem: problems.get(String(row.problemId)) ?? '',
    correct: undefined,
    text: String(row.text),
    pieces: row.segments as Segment[],
  }));
}

function traces(file: string): LabelledDocument[] {
  return lines(file).map((row) => ({
    id: String(row.id),
    model: String(row.model),
    problem: String(row.problem),
    correct: row.correct === true,
    text: String(row.trace),
  }));
}

function lines(file: string): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
