// `npm run train:behaviours`: trains the offline classifier on scripts/behaviours/labels, measures it on folds, and writes
// media/behaviours/weights.json and scores.json. Deterministic; needs ../shared/data, where the labelled texts are.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURE_NAMES, WIDE_FEATURES } from '../../src/core/behaviours/features.ts';
import { hashOf } from '../../src/core/behaviours/hashes.ts';
import {
  CHANNELS,
  type ClassifierScores,
  type ClassifierWeights,
  type KindWeights,
  type PhaseScores,
  type PhaseWeights,
} from '../../src/core/behaviours/weights.ts';
import { BEHAVIOURS, type Behaviour, PHASES, type Phase } from '../../src/core/schemas/index.ts';
import { ROOT } from '../lib/paths.ts';
import { fitWeights } from './fit.ts';
import { readGuide } from './guide.ts';
import { dataHash, readLabelledTexts, readLabelRows, sharedFolder } from './labels.ts';
import { confusion, line, merged, scoreOf } from './metrics.ts';
import { peopleHash, readPhaseTexts } from './people.ts';
import { fitPhases } from './phase-fit.ts';
import { crossValidatePhases, likeliest, phaseExamples, phaseScores, verifyThreshold } from './phase-validate.ts';
import {
  crossValidate,
  examplesOf,
  finalScores,
  flat,
  foldsFor,
  labelledTwice,
  ORIGINS,
  PENALTIES,
  type Prepared,
  prepare,
  preparePeople,
  settle,
} from './validate.ts';

const COMMAND = 'npm run train:behaviours';
/** Weights are stored as whole hundredths, which keeps the files small. */
const SCALE = 100;
const FOLDER = join(ROOT, 'media', 'behaviours');

const shared = sharedFolder();
if (shared === undefined) {
  console.error('The labelled texts are not here: ../shared/data is needed beside the project.');
  process.exit(1);
}
const people = readPhaseTexts(shared);
const hash = dataHash(readLabelRows(), readGuide());

const examples = phaseExamples(people);
const heldPhases = {
  byModel: crossValidatePhases(people, examples, 'model'),
  byProblem: crossValidatePhases(people, examples, 'problem'),
};
const labels = people.flatMap(({ phases }) => [...phases]);
const threshold = verifyThreshold([flat(heldPhases.byModel), flat(heldPhases.byProblem)], labels);
const phaseTable = fitPhases(examples);
const phases = {
  byModel: roundedPhases(phaseScores(likeliest(flat(heldPhases.byModel)), labels)),
  byProblem: roundedPhases(phaseScores(likeliest(flat(heldPhases.byProblem)), labels)),
};
for (const [fold, { accuracy, kappa, phases: of }] of Object.entries(phases)) {
  console.log(`phases ${fold}: accuracy ${accuracy}, κ ${kappa}`);
  for (const phase of PHASES) console.log(`  ${phase.padEnd(12)} ${line(of[phase])}`);
}

const verify = flat(heldPhases.byModel).filter((_, i) => i % PHASES.length === PHASES.indexOf('verify'));
const acts = scoreOf(
  confusion(
    Array.from(verify, (p) => p >= threshold),
    labels.map((phase) => Number(phase === PHASES.indexOf('verify'))),
  ),
);
console.log(`acts of verification from ${threshold}: ${line(acts)}`);

const planned = preparePeople(people, heldPhases.byModel);
const prepared = prepare(readLabelledTexts(shared), phaseTable, planned);
const twice = labelledTwice(prepared, prepared);
const kinds: Partial<Record<Behaviour, KindWeights>> = {};
const byModel: Partial<ClassifierScores['byModel']> = {};
const byPeople: Partial<ClassifierScores['byPeople']> = { verification: rounded(acts) };
for (const kind of BEHAVIOURS) {
  const table = fitWeights(examplesOf(prepared, kind), PENALTIES[kind]);
  const plans = kind === 'subgoal' ? planned : [];
  const all = crossValidate(prepared, kind, foldsFor(kind), [...prepared, ...plans]);
  const held = labelledTwice(prepared, all.slice(0, prepared.length));
  const chain = all.slice(prepared.length);
  const { calibration, threshold: from } = settle(twice, kind, held, { prepared: planned, chain });
  const scored = (of: readonly Prepared[], probabilities: readonly Float64Array[]): ReturnType<typeof scoreOf> => {
    const scores = flat(
      of.map((one, i) => finalScores(kind, probabilities[i] ?? new Float64Array(), one, calibration)),
    );
    const decided = Array.from(scores, (p) => p >= from);
    return rounded(scoreOf(confusion(decided, flat(of.map(({ text }) => merged(text.passes[kind]))))));
  };
  byModel[kind] = scored(twice, held);
  console.log(`${kind}, threshold ${from}`);
  console.log(`  held out  ${line(byModel[kind])}`);
  for (const [name, belongs] of ORIGINS) {
    const places = twice.flatMap(({ text }, i) => (belongs(text.document) ? [i] : []));
    const part = scored(
      places.flatMap((i) => twice[i] ?? []),
      places.flatMap((i) => held[i] ?? []),
    );
    console.log(`    of it, ${name.padEnd(32)} ${line(part)}`);
  }
  if (kind === 'subgoal') {
    byPeople.subgoal = scored(planned, chain);
    console.log(`  plans of the people’s texts ${line(byPeople.subgoal)}`);
  }
  const channels = CHANNELS.map((channel, c) => [
    channel,
    FEATURE_NAMES.slice(0, channel === 'now' ? undefined : WIDE_FEATURES).map((_, id) =>
      Math.round((table[id * CHANNELS.length + c] ?? 0) * SCALE),
    ),
  ]);
  kinds[kind] = {
    channels: Object.fromEntries(channels) as KindWeights['channels'],
    calibration: { slope: round(calibration.slope), shift: round(calibration.shift) },
    threshold: from,
  };
}
const sentences = prepared.reduce((sum, { from, to }) => sum + to - from, 0);
write('weights.json', {
  command: COMMAND,
  dataHash: hash,
  features: hashOf(FEATURE_NAMES.join()),
  scale: SCALE,
  kinds: kinds as Record<Behaviour, KindWeights>,
});
write('phases.json', {
  command: COMMAND,
  dataHash: peopleHash(people),
  scale: SCALE,
  actThreshold: threshold,
  weights: Array.from(phaseTable, (weight) => Math.round(weight * SCALE)),
});
write('scores.json', {
  command: COMMAND,
  dataHash: hash,
  documents: prepared.length,
  sentences,
  byModel: byModel as ClassifierScores['byModel'],
  byPeople: byPeople as ClassifierScores['byPeople'],
  phases,
});

function write(name: string, value: ClassifierWeights | ClassifierScores | PhaseWeights): void {
  writeFileSync(join(FOLDER, name), JSON.stringify(value));
  const { status } = spawnSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['format', '--write', join(FOLDER, name)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${name} could not be formatted.`);
}

function roundedPhases({ accuracy, kappa, phases: of }: PhaseScores): PhaseScores {
  const each = PHASES.map((phase) => [phase, rounded(of[phase])] as const);
  return {
    accuracy: round(accuracy),
    kappa: round(kappa),
    phases: Object.fromEntries(each) as Record<Phase, ReturnType<typeof scoreOf>>,
  };
}

function rounded(score: ReturnType<typeof scoreOf>): ReturnType<typeof scoreOf> {
  return Object.fromEntries(Object.entries(score).map(([name, value]) => [name, round(value)])) as typeof score;
}

/** Four digits behind the point are enough for a weight, and keep the file small. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
