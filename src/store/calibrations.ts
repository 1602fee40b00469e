import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Calibration,
  CalibrationAct,
  CalibrationPlan,
  calibrationReport,
  type DetectorScores,
  scoresOf,
} from '../core/calibration/index.ts';
import type { Dataset } from './dataset.ts';
import { byRoundNumber } from './dataset-index.ts';
import { StoreError } from './errors.ts';
import { appendLines, errorCode, readJson, readLines } from './files.ts';
import { refuseLinks } from './links.ts';
import { plainName, safeName } from './names.ts';
import { writeJson } from './settings.ts';

/** Where a dataset keeps its calibrations: a folder each, with one writer, its reviewer. */
type Root = Pick<Dataset, 'folder'>;

const folderOf = (dataset: Root, name = ''): string => join(dataset.folder, 'calibrations', name);

/** All calibrations of a dataset by their number. One whose plan is missing, torn or of a newer version is passed over. */
export async function listCalibrations(dataset: Root): Promise<Calibration[]> {
  const names = (await namesIn(folderOf(dataset))).sort(byRoundNumber);
  const read = await Promise.all(names.map((name) => readOne(dataset, name)));
  return read.filter((one) => one !== undefined);
}

/** Throws StoreError `unknown-calibration` or `bad-name`. */
export async function readCalibration(dataset: Root, name: string): Promise<Calibration> {
  const found = await readOne(dataset, plainName(name, 'a calibration'));
  if (found !== undefined) return found;
  throw new StoreError(
    'unknown-calibration',
    `The dataset has no calibration “${name}” that can be read.`,
    'Look into its folder “calibrations”, or draw a new one.',
  );
}

/** Gives a plan its folder, numbered behind all there are. @returns Its name. Throws StoreError `symbolic-link`. */
export async function createCalibration(dataset: Root, plan: CalibrationPlan): Promise<string> {
  await refuseLinks(dataset.folder, folderOf(dataset));
  await mkdir(folderOf(dataset), { recursive: true });
  const numbers = (await namesIn(folderOf(dataset))).map((name) => Number.parseInt(name, 10)).filter(Number.isInteger);
  for (let number = Math.max(0, ...numbers) + 1; ; number++) {
    const name = `${number}-${safeName(plan.reviewer)}`;
    try {
      await mkdir(folderOf(dataset, name));
    } catch (error) {
      // Another window was faster.
      if (errorCode(error) === 'EEXIST') continue;
      throw error;
    }
    await writeJson(join(folderOf(dataset, name), 'plan.json'), CalibrationPlan.parse(plan));
    return name;
  }
}

/** Appends an act to the labels of a calibration; on disk on return. Throws StoreError `bad-name` or `symbolic-link`. */
export async function appendCalibration(dataset: Root, name: string, act: CalibrationAct): Promise<void> {
  const path = join(folderOf(dataset, plainName(name, 'a calibration')), 'labels.jsonl');
  await refuseLinks(dataset.folder, path);
  await appendLines(path, [CalibrationAct.parse(act)], { sync: true });
}

/** What the latest finished calibration says of the detectors, else the latest with any labels; undefined where nobody has labelled yet. */
export async function detectorScores(dataset: Root): Promise<DetectorScores | undefined> {
  const reports = (await listCalibrations(dataset)).map((calibration) => calibrationReport(calibration));
  const begun = reports.filter(({ labelled }) => labelled > 0);
  const latest = begun.findLast(({ labelled, skipped, sentences }) => labelled + skipped === sentences) ?? begun.at(-1);
  return latest === undefined ? undefined : scoresOf(latest);
}

async function readOne(dataset: Root, name: string): Promise<Calibration | undefined> {
  const folder = folderOf(dataset, name);
  const plan = await readJson(join(folder, 'plan.json'), CalibrationPlan);
  return plan === undefined ? undefined : { name, plan, acts: await actsIn(join(folder, 'labels.jsonl')) };
}

async function actsIn(path: string): Promise<CalibrationAct[]> {
  const acts: CalibrationAct[] = [];
  try {
    for await (const line of readLines(path)) {
      const act = 'error' in line ? undefined : CalibrationAct.safeParse(line.value).data;
      if (act !== undefined) acts.push(act);
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return acts;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
