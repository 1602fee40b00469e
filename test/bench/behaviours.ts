// `npm run bench:behaviours`: how well the offline classifier finds the four behaviours, by sentence, beside public keyword lists and a
// word n-gram baseline, and how fast it is. Everything is measured on texts that were not trained on.
import { createHash } from 'node:crypto';
import { ANCHOR_LABELS, type AnchorText, anchorLabels, readAnchors } from '../../scripts/behaviours/anchors.ts';
import { skyDocuments } from '../../scripts/behaviours/documents.ts';
import { type Example, fitWeights, predict } from '../../scripts/behaviours/fit.ts';
import { holdsKeyword, KEYWORD_LISTS } from '../../scripts/behaviours/keywords.ts';
import { type LabelledText, readLabelledTexts, sharedFolder } from '../../scripts/behaviours/labels.ts';
import { confusion, line, merged, scoreOf } from '../../scripts/behaviours/metrics.ts';
import { fitWords, predictWords } from '../../scripts/behaviours/ngrams.ts';
import {
  bestThreshold,
  crossValidate,
  examplesOf,
  FAMILIES,
  flat,
  foldsFor,
  labelledTwice,
  PENALTIES,
  type Prepared,
  prepare,
  settle,
} from '../../scripts/behaviours/validate.ts';
import { annotate } from '../../src/core/behaviours/annotate.ts';
import { calibrated } from '../../src/core/behaviours/classify.ts';
import { featureRows } from '../../src/core/behaviours/features.ts';
import { BEHAVIOURS, type Behaviour } from '../../src/core/schemas/index.ts';

const FOLDS = 10;

/** A sequence of sentences with labels, and the fold in which it is tested. */
interface Run {
  sentences: readonly string[];
  labels: Float64Array;
  fold: string;
}

function report(name: string, decisions: ArrayLike<number | boolean>, labels: ArrayLike<number>): void {
  console.log(`  ${name.padEnd(44)} ${line(scoreOf(confusion(decisions, labels)))}`);
}

function dealt(name: string): string {
  return String(Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 8), 16) % FOLDS);
}

function keywords(runs: readonly Run[]): void {
  const sentences = runs.flatMap((run) => run.sentences);
  for (const list of KEYWORD_LISTS) {
    report(
      `keywords ${list.name}`,
      sentences.map((sentence) => holdsKeyword(sentence, list)),
      flat(runs.map(({ labels }) => labels)),
    );
  }
}

function ngrams(name: string, runs: readonly Run[]): void {
  const held = new Map<Run, Float64Array>();
  for (const fold of new Set(runs.map((run) => run.fold))) {
    const model = fitWords(runs.filter((run) => run.fold !== fold));
    for (const run of runs) if (run.fold === fold) held.set(run, predictWords(model, run.sentences));
  }
  const [probabilities, labels] = [
    flat(runs.map((run) => held.get(run) ?? new Float64Array())),
    flat(runs.map((run) => run.labels)),
  ];
  const { threshold } = bestThreshold(probabilities, labels);
  report(
    name,
    Array.from(probabilities, (p) => p >= threshold),
    labels,
  );
}

function ownLabels(all: readonly Prepared[], kind: Behaviour): void {
  console.log(`\n${kind}, our labels (${labelledTwice(all, all).length} texts that were labelled twice)`);
  const byModel = ({ document }: LabelledText): string => document.model;
  const byTrace = ({ document }: LabelledText): string => dealt(document.id);
  const heldByModel = labelledTwice(all, crossValidate(all, kind, byModel));
  const heldByTrace = labelledTwice(all, crossValidate(all, kind, byTrace));
  const prepared = labelledTwice(all, all);
  const labels = prepared.map(({ text }) => merged(text.passes[kind]));
  const { calibration, threshold } = settle(
    prepared,
    kind,
    foldsFor(kind, { byModel: heldByModel, byTrace: heldByTrace }),
  );
  const decide = (p: number): boolean => calibrated(p, calibration) >= threshold;
  report('classifier, by trace', Array.from(flat(heldByTrace), decide), flat(labels));
  report('classifier, one model held out', Array.from(flat(heldByModel), decide), flat(labels));
  for (const [name, belongs] of FAMILIES) {
    const places = prepared.flatMap(({ text }, i) => (belongs(text.document.model) ? [i] : []));
    const of = (arrays: readonly Float64Array[]): Float64Array =>
      flat(places.map((i) => arrays[i] ?? new Float64Array()));
    report(`  of it, texts of ${name}`, Array.from(of(heldByModel), decide), of(labels));
  }
  const runs = (foldOf: (text: LabelledText) => string): Run[] =>
    prepared.map(({ text }, i) => ({
      sentences: text.sentences
        .slice(text.from, text.to)
        .map(({ start, textEnd }) => text.document.text.slice(start, textEnd)),
      labels: labels[i] ?? new Float64Array(),
      fold: foldOf(text),
    }));
  ngrams('word n-grams, by trace', runs(byTrace));
  ngrams('word n-grams, one model held out', runs(byModel));
  keywords(runs(byTrace));
}

/** Against another taxonomy: trained on our labels without the text's model; trained on its own labels without the text. */
function anchors(texts: readonly AnchorText[], prepared: readonly Prepared[], kind: Behaviour): void {
  console.log(`\n${kind} against ${ANCHOR_LABELS[kind]} of thought_anchors_llm (${texts.length} texts)`);
  const rows = new Map(texts.map((one) => [one, featureRows(one.text, one.sentences)]));
  const labels = texts.map((one) => Float64Array.from(anchorLabels(one, kind)));
  const example = (one: AnchorText): Example => ({
    rows: rows.get(one) ?? featureRows(one.text, one.sentences),
    from: 0,
    to: one.sentences.length,
    passes: [anchorLabels(one, kind)],
    weight: 1,
  });
  const held = new Map<AnchorText, Float64Array>();
  for (const fold of new Set(texts.map(({ id }) => dealt(id)))) {
    const weights = fitWeights(texts.filter(({ id }) => dealt(id) !== fold).map(example), PENALTIES[kind]);
    for (const one of texts) if (dealt(one.id) === fold) held.set(one, predict(weights, example(one)));
  }
  const own = flat(texts.map((one) => held.get(one) ?? new Float64Array()));
  const { threshold } = bestThreshold(own, flat(labels));
  report(
    'our features, its labels, by trace',
    Array.from(own, (p) => p >= threshold),
    flat(labels),
  );
  const { calibration, threshold: ours } = settle(
    labelledTwice(prepared, prepared),
    kind,
    labelledTwice(
      prepared,
      crossValidate(prepared, kind, ({ document }) => document.model),
    ),
  );
  const byModel = new Map<string, ReturnType<typeof fitWeights>>();
  const transferred = texts.map((one) => {
    const weights =
      byModel.get(one.model) ??
      fitWeights(
        examplesOf(
          prepared.filter(({ text }) => text.document.model !== one.model),
          kind,
        ),
        PENALTIES[kind],
      );
    byModel.set(one.model, weights);
    return predict(weights, example(one));
  });
  report(
    'classifier, our labels, its model held out',
    Array.from(flat(transferred), (p) => calibrated(p, calibration) >= ours),
    flat(labels),
  );
  const runs = texts.map((one, i) => ({
    sentences: one.sentences.map(({ start, end }) => one.text.slice(start, end)),
    labels: labels[i] ?? new Float64Array(),
    fold: dealt(one.id),
  }));
  ngrams('word n-grams, its labels, by trace', runs);
  keywords(runs);
}

function throughput(texts: readonly string[]): void {
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  for (const round of ['first', 'second']) {
    const began = process.cpuUsage();
    for (const text of texts) annotate(text);
    const { user, system } = process.cpuUsage(began);
    const seconds = (user + system) / 1e6;
    console.log(
      `annotate, ${round} round: ${(megabytes / seconds).toFixed(1)} MB/s of processor time (${megabytes.toFixed(1)} MB)`,
    );
  }
}

const shared = sharedFolder();
if (shared === undefined) {
  console.log('Skipped: ../shared/data, which has the labelled texts, is not beside the project.');
} else {
  throughput(skyDocuments(shared).map(({ text }) => text));
  const prepared = prepare(readLabelledTexts(shared));
  for (const kind of BEHAVIOURS) ownLabels(prepared, kind);
  const texts = readAnchors(shared);
  for (const kind of BEHAVIOURS) if (ANCHOR_LABELS[kind] !== undefined) anchors(texts, prepared, kind);
}
