// `node scripts/behaviours/windows.ts`: which stretches of which texts were chosen for labelling, as document and character offsets. The labels keep
// the offsets that this gave when they were made; the splitter of sentences has become better since, so a few ends differ. Windows in the middle of the
// people's texts may begin one sentence earlier.
import { createHash } from 'node:crypto';
import { anchorDocuments, type LabelledDocument, ownDocuments, sentencesOf, skyDocuments } from './documents.ts';
import { sharedFolder } from './labels.ts';
import { peopleDocuments } from './people.ts';

/** The part of a document that is labelled: sentences from `from` (inclusive) to `to` (exclusive), as the splitter counts them. */
export interface Window {
  document: LabelledDocument;
  from: number;
  to: number;
}

const WINDOW = 110;
/** In code units; the loops were drawn before. */
const LONGEST_DRAWN = 60_000;
const PER_ANCHOR_MODEL = { right: 5, wrong: 5 };

/**
 * The windows that were labelled: traces of ten models, right and wrong ones, loops among them, the chains of our own sample, and the texts
 * that people labelled. The choice is by hash, so that it is the same on every machine and not made by hand. `shared`: the folder of
 * third-party data.
 */
export function labelledWindows(shared: string): Window[] {
  const first = [...anchorWindows(shared), ...skyWindows(shared), ...ownDocuments().map(whole)];
  const second = secondDraw(shared, new Set(first.map(({ document }) => document.id)));
  return [...first, ...second, ...peopleDocuments(shared).map(window)];
}

/** More of what reasons at length: the other traces of the distillations, and of each long-winded checkpoint two right and two wrong ones. */
function secondDraw(shared: string, drawn: ReadonlySet<string>): Window[] {
  const anchors = anchorDocuments(shared).filter(({ id }) => !drawn.has(id));
  const long = skyDocuments(shared).filter(
    ({ id, model, text }) => !drawn.has(id) && !model.includes('short') && text.length < LONGEST_DRAWN,
  );
  const sky = groups(long).flatMap((group) => [
    ...group.filter(({ correct }) => correct).slice(0, 2),
    ...group.filter(({ correct }) => !correct).slice(0, 2),
  ]);
  return [...anchors, ...sky].map(window);
}

function anchorWindows(shared: string): Window[] {
  return groups(anchorDocuments(shared))
    .flatMap((group) => [
      ...group.filter(({ correct }) => correct).slice(0, PER_ANCHOR_MODEL.right),
      ...group.filter(({ correct }) => !correct).slice(0, PER_ANCHOR_MODEL.wrong),
    ])
    .map(window);
}

/** Of each model a right trace, a wrong one, and of the longest wrong ones, which loop, one of four models. */
function skyWindows(shared: string): Window[] {
  const documents = skyDocuments(shared);
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

function whole(document: LabelledDocument): Window {
  return { document, from: 0, to: sentencesOf(document).length };
}

/** A long text is labelled in one piece of it: at its beginning, middle or end, by its hash. */
function window(document: LabelledDocument): Window {
  const count = sentencesOf(document).length;
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

if (import.meta.main) {
  const shared = sharedFolder();
  if (shared === undefined) console.log('Skipped: ../shared/data, which has the texts, is not beside the project.');
  for (const { document, from, to } of shared === undefined ? [] : labelledWindows(shared)) {
    const sentences = sentencesOf(document);
    console.log(`${document.id}\t${sentences[from]?.start ?? 0}\t${sentences[to - 1]?.textEnd ?? 0}`);
  }
}
