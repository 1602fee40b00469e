import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sentence } from '../../src/core/behaviours/index.ts';
import { BEHAVIOURS, type Behaviour } from '../../src/core/schemas/index.ts';
import { ROOT } from '../lib/paths.ts';
import { type LabelledDocument, readDocuments, sentencesOf, textHash } from './documents.ts';
import type { GuideExample } from './guide.ts';
import { peopleDocuments } from './people.ts';

/** Letters of the kinds in the label files. A capital is an act of the kind, in the files that show acts. */
const LETTERS: Readonly<Record<Behaviour, string>> = {
  verification: 'v',
  backtracking: 'b',
  subgoal: 's',
  backward: 'w',
};

const kinds = z.string().regex(/^[vV]?[bB]?[sS]?[wW]?$/);
/** Labelled once: both passes of a row are the same, so that agreement has no meaning and scores are reported separately. */
const SINGLE = 'single-pass.jsonl';
/** Labels of the people's texts, which show acts. */
export const PEOPLE = 'thinkarm.jsonl';

/** A line of `labels/*.jsonl`: a labelled stretch of one document. A sentence is `[start, end, first pass, second pass]`. */
export const LabelRow = z.object({
  document: z.string(),
  textHash: z.string(),
  sentences: z.array(z.tuple([z.number().int(), z.number().int(), kinds, kinds])).min(1),
});
export type LabelRow = z.infer<typeof LabelRow>;

/** Whether a sentence has the kind in a pass: `2` is the first, `3` the second. */
export function hasKind(sentence: LabelRow['sentences'][number], pass: 2 | 3, kind: Behaviour): boolean {
  return sentence[pass].toLowerCase().includes(LETTERS[kind]);
}

/** Whether a sentence is an act of the kind in a pass. False throughout in the files that do not show acts. */
export function isAct(sentence: LabelRow['sentences'][number], pass: 2 | 3, kind: Behaviour): boolean {
  return sentence[pass].includes(LETTERS[kind].toUpperCase());
}

/** A document with its labels, brought onto the sentences that the splitter finds now. */
export interface LabelledText {
  document: LabelledDocument;
  sentences: Sentence[];
  /** The labelled stretch, as places among the sentences. */
  from: number;
  to: number;
  /** By kind and pass, for each sentence of the stretch, 1 or 0. */
  passes: Record<Behaviour, readonly [Uint8Array, Uint8Array]>;
  /** The acts of it, of the people's texts only: the other labels do not show acts. */
  acts: Record<Behaviour, readonly [Uint8Array, Uint8Array]>;
  /** Labelled in one pass, not in two. */
  single: boolean;
}

const FOLDER = join(ROOT, 'scripts', 'behaviours', 'labels');

/** The rows that were labelled in two passes, in the order of the files' names. */
export function readDoubleRows(): LabelRow[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.jsonl') && name !== SINGLE)
    .sort()
    .flatMap(readRows);
}

/** All rows of the label files: those labelled in two passes, then those labelled in one. */
export function readLabelRows(): LabelRow[] {
  return [...readDoubleRows(), ...readRows(SINGLE)];
}

/** The rows of one label file. */
export function readRows(name: string): LabelRow[] {
  return readFileSync(join(FOLDER, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => LabelRow.parse(JSON.parse(line)));
}

/** SHA-256 over the labels of behaviours, 16 hex digits: the label rows, which name the hashes of their texts, and the guide's examples. */
export function dataHash(rows: readonly LabelRow[], guide: readonly GuideExample[]): string {
  return createHash('sha256')
    .update(JSON.stringify([rows, guide]))
    .digest('hex')
    .slice(0, 16);
}

/** Where the texts of other people's traces are, beside the project; undefined, where they are absent. */
export function sharedFolder(): string | undefined {
  const folder = join(ROOT, '..', 'shared', 'data');
  return existsSync(folder) ? folder : undefined;
}

/** The labelled texts. Throws when a text is not the one that was labelled. */
export function readLabelledTexts(shared: string): LabelledText[] {
  const all = [...readDocuments(shared), ...peopleDocuments(shared)];
  const documents = new Map(all.map((document) => [document.id, document]));
  const double = readDoubleRows().length;
  return readLabelRows().map((row, i) => {
    const document = documents.get(row.document);
    if (document === undefined || textHash(document.text) !== row.textHash) {
      throw new Error(`The text of ${row.document} is missing or is not the one that was labelled.`);
    }
    return { ...onSentences(document, row), single: i >= double };
  });
}

/** A sentence takes the label of the labelled sentence that it shares most characters with: the splitter may have changed since. */
function onSentences(document: LabelledDocument, row: LabelRow): Omit<LabelledText, 'single'> {
  const sentences = sentencesOf(document);
  const start = row.sentences[0]?.[0] ?? 0;
  const end = row.sentences.at(-1)?.[1] ?? 0;
  const from = sentences.findIndex((sentence) => sentence.textEnd > start);
  const after = sentences.findIndex((sentence) => sentence.start >= end);
  const to = after < 0 ? sentences.length : after;
  const chosen = sentences.slice(from, to).map((sentence) => nearest(row, sentence));
  const labels = (has: typeof hasKind): LabelledText['passes'] => {
    const each = BEHAVIOURS.map((kind) => {
      const pass = (which: 2 | 3): Uint8Array =>
        Uint8Array.from(chosen, (label) => Number(label !== undefined && has(label, which, kind)));
      return [kind, [pass(2), pass(3)] as const] as const;
    });
    return Object.fromEntries(each) as LabelledText['passes'];
  };
  return { document, sentences, from, to, passes: labels(hasKind), acts: labels(isAct) };
}

function nearest(row: LabelRow, sentence: Sentence): LabelRow['sentences'][number] | undefined {
  let best: LabelRow['sentences'][number] | undefined;
  let most = 0;
  for (const label of row.sentences) {
    const shared = Math.min(label[1], sentence.textEnd) - Math.max(label[0], sentence.start);
    if (shared > most) [most, best] = [shared, label];
  }
  return best;
}
