import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitSentences } from '../../src/core/behaviours/index.ts';

/** A text whose sentences are labelled. */
export interface LabelledDocument {
  id: string;
  /** Who wrote the text; folds that leave one model out go by it. */
  model: string;
  problem: string;
  gold: string;
  correct: boolean | undefined;
  text: string;
}

/** The part of a document that is labelled: sentences from `from` (inclusive) to `to` (exclusive), as the splitter counts them. */
export interface Window {
  document: LabelledDocument;
  from: number;
  to: number;
}

const WINDOW = 110;
const PER_ANCHOR_MODEL = { right: 5, wrong: 5 };

/** First 16 hex digits of the SHA-256 of a text: tells whether labels still belong to it. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * The windows that were labelled: traces of ten models, right and wrong ones, loops among them, and the chains of our own sample. The
 * choice is by hash, so that it is the same on every machine and nobody picked.
 */
export function labelledWindows(sharedFolder: string, sampleChains: string): Window[] {
  return [...anchorWindows(sharedFolder), ...skyWindows(sharedFolder), ...ownWindows(sampleChains)];
}

function anchorWindows(sharedFolder: string): Window[] {
  const documents = traces(join(sharedFolder, 'data/traces/thought_anchors_math.jsonl'));
  return groups(documents)
    .flatMap((group) => [
      ...group.filter(({ correct }) => correct).slice(0, PER_ANCHOR_MODEL.right),
      ...group.filter(({ correct }) => !correct).slice(0, PER_ANCHOR_MODEL.wrong),
    ])
    .map(window);
}

/** Of each model a right trace, a wrong one, and of the longest wrong ones, which loop, one of four models. */
function skyWindows(sharedFolder: string): Window[] {
  const documents = traces(join(sharedFolder, 'data/traces/sky_t1_aime24_8runs.jsonl'));
  const chosen = groups(documents).flatMap((group) => {
    const right = group.filter(({ correct }) => correct).slice(0, 1);
    const wrong = group.filter(({ correct }) => !correct).slice(0, 1);
    return [...right, ...wrong];
  });
  const longest = documents
    .filter((document) => !chosen.includes(document))
    .sort((a, b) => b.text.length - a.text.length);
  const loops = longest.filter((document, i) => longest.findIndex(({ model }) => model === document.model) === i);
  return [...chosen, ...loops.slice(0, 4)].map(window);
}

function ownWindows(file: string): Window[] {
  return lines(file).map((row) => {
    const document = {
      id: String(row.id),
      model: 'handwritten',
      problem: String(row.problemId),
      gold: '',
      correct: undefined,
      text: String(row.text),
    };
    return { document, from: 0, to: splitSentences(document.text).length };
  });
}

/** A long text is labelled in one piece of it: at its beginning, middle or end, by its hash. */
function window(document: LabelledDocument): Window {
  const count = splitSentences(document.text).length;
  if (count <= WINDOW) return { document, from: 0, to: count };
  const place = Number.parseInt(order(document).slice(0, 4), 16) % 3;
  const from = Math.round(((count - WINDOW) * place) / 2);
  return { document, from, to: from + WINDOW };
}

function groups(documents: readonly LabelledDocument[]): LabelledDocument[][] {
  const byModel = new Map<string, LabelledDocument[]>();
  for (const document of documents) byModel.set(document.model, [...(byModel.get(document.model) ?? []), document]);
  return [...byModel.values()].map((group) => group.sort((a, b) => order(a).localeCompare(order(b))));
}

function order(document: LabelledDocument): string {
  return createHash('sha256').update(document.id).digest('hex');
}

function traces(file: string): LabelledDocument[] {
  return lines(file).map((row) => ({
    id: String(row.id),
    model: String(row.model),
    problem: String(row.problem),
    gold: String(row.gold),
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
