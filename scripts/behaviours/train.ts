// `npm run train:behaviours`: trains the offline classifier on scripts/behaviours/labels, measures it on folds, and writes
// media/behaviours/weights.json and scores.json. Deterministic; needs ../shared/data, where the labelled texts are.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calibrated } from '../../src/core/behaviours/classify.ts';
import { FEATURE_NAMES, featureRows, WIDE_FEATURES } from '../../src/core/behaviours/features.ts';
import {
  CHANNELS,
  type ClassifierScores,
  type ClassifierWeights,
  type KindWeights,
  type PhaseWeights,
} from '../../src/core/behaviours/weights.ts';
import { BEHAVIOURS, type Behaviour } from '../../src/core/schemas/index.ts';
import { ROOT } from '../lib/paths.ts';
import { fitWeights } from './fit.ts';
import { readGuide } from './guide.ts';
import { dataHash, type LabelledText, readLabelledTexts, readLabelRows, sharedFolder } from './labels.ts';
import { confusion, line, merged, scoreOf } from './metrics.ts';
import { readPhaseTexts } from './people.ts';
import { fitPhases } from './phase-fit.ts';
import {
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
} from './validate.ts';

const COMMAND = 'npm run train:behaviours';
/** Weights of phases are stored as whole hundredths, which keeps the file small. */
const PHASE_SCALE = 100;
const FOLDER = join(ROOT, 'media', 'behaviours');
/** Traces are dealt to this many folds by the hash of their name. */
const TRACE_FOLDS = 10;

const byModel = ({ document }: LabelledText): string => document.model;
const byTrace = ({ document }: LabelledText): string =>
  String(Number.parseInt(createHash('sha256').update(document.id).digest('hex').slice(0, 8), 16) % TRACE_FOLDS);

const shared = sharedFolder();
if (shared === undefined) {
  console.error('The labelled texts are not here: ../shared/data is needed beside the project.');
  process.exit(1);
}
const texts = readLabelledTexts(shared);
const prepared = prepare(texts);
const twice = labelledTwice(prepared, prepared);
const kinds: Partial<Record<Behaviour, KindWeights>> = {};
const scores = { byModel: {} as ClassifierScores['byModel'], byTrace: {} as ClassifierScores['byTrace'] };
for (const kind of BEHAVIOURS) {
  const allByModel = crossValidate(prepared, kind, byModel);
  const heldByModel = labelledTwice(prepared, allByModel);
  const heldByTrace = labelledTwice(prepared, crossValidate(prepared, kind, byTrace));
  const { calibration, threshold } = settle(
    twice,
    kind,
    foldsFor(kind, { byModel: heldByModel, byTrace: heldByTrace }),
  );
  const scored = (
    of: readonly Prepared[],
    held: readonly Float64Array[],
    belongs: (one: Prepared) => boolean = () => true,
  ): ClassifierScores['byModel'][Behaviour] => {
    const decisions = Array.from(
      flat(held.filter((_, i) => belongs(of[i] as Prepared))),
      (p) => calibrated(p, calibration) >= threshold,
    );
    const labels = flat(of.filter(belongs).map(({ text }) => merged(text.passes[kind])));
    return rounded(scoreOf(confusion(decisions, labels)));
  };
  scores.byModel[kind] = scored(twice, heldByModel);
  scores.byTrace[kind] = scored(twice, heldByTrace);
  console.log(`${kind}, threshold ${threshold}`);
  console.log(`  one model held out   ${line(scores.byModel[kind])}`);
  for (const [name, belongs] of FAMILIES) {
    console.log(
      `    of it, ${name.padEnd(32)} ${line(scored(twice, heldByModel, ({ text }) => belongs(text.document.model)))}`,
    );
  }
  console.log(
    `    labelled once, not part of it           ${line(scored(prepared, allByModel, ({ text }) => text.single))}`,
  );
  console.log(`  by trace             ${line(scores.byTrace[kind])}`);
  const table = fitWeights(examplesOf(prepared, kind), PENALTIES[kind]);
  const channels = CHANNELS.map((channel, c) => [
    channel,
    FEATURE_NAMES.slice(0, channel === 'now' ? undefined : WIDE_FEATURES).map((_, id) =>
      round(table[id * CHANNELS.length + c] ?? 0),
    ),
  ]);
  kinds[kind] = {
    channels: Object.fromEntries(channels) as KindWeights['channels'],
    calibration: { slope: round(calibration.slope), shift: round(calibration.shift) },
    threshold,
  };
}
const phases = fitPhases(
  readPhaseTexts(shared).map((text) => ({ rows: featureRows(text.text, text.sentences), phases: text.phases })),
);
write('phases.json', {
  command: COMMAND,
  scale: PHASE_SCALE,
  weights: Array.from(phases, (weight) => Math.round(weight * PHASE_SCALE)),
});
const hash = dataHash(readLabelRows(), readGuide());
const weights: ClassifierWeights = {
  command: COMMAND,
  dataHash: hash,
  features: [...FEATURE_NAMES],
  kinds: kinds as Record<Behaviour, KindWeights>,
};
const sentences = texts.reduce((sum, { from, to }) => sum + to - from, 0);
write('weights.json', weights);
write('scores.json', { command: COMMAND, dataHash: hash, documents: texts.length, sentences, ...scores });

function write(name: string, value: ClassifierWeights | ClassifierScores | PhaseWeights): void {
  writeFileSync(join(FOLDER, name), JSON.stringify(value));
  const { status } = spawnSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['format', '--write', join(FOLDER, name)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${name} could not be formatted.`);
}

function rounded(score: ReturnType<typeof scoreOf>): ReturnType<typeof scoreOf> {
  return Object.fromEntries(Object.entries(score).map(([name, value]) => [name, round(value)])) as typeof score;
}

/** Four digits behind the point are enough for a weight, and keep the file small. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
