import { join } from 'node:path';
import {
  type Calibration,
  CalibrationAct,
  CalibrationPlan,
  calibrationReport,
  foldCalibration,
  type SourceScores,
  scoresOf,
} from '../core/review/calibration/index.ts';
import { ACTS_ON_SPANS } from '../core/review/index.ts';
import type { Dataset } from './dataset.ts';
import { StoreError } from './errors.ts';
import { allLinesOf, appendLines, readJson } from './lines/files.ts';
import { skippedLines } from './lines/skipped.ts';
import { refuseLinks } from './links.ts';
import { createNumbered, numberedNames, plainName, safeName } from './names.ts';
import { writeJson } from './settings.ts';

/** The dataset of a calibration, which has its own folder and one writer, its reviewer. */
type Root = Pick<Dataset, 'folder'>;

type Log = (text: string) => void;

const folderOf = (dataset: Root, name = ''): string => join(dataset.folder, 'calibrations', name);

/** All calibrations of a dataset by number, without those that have no valid plan. */
export async function listCalibrations(dataset: Root, log?: Log): Promise<Calibration[]> {
  const names = await numberedNames(folderOf(dataset));
  const read = await Promise.all(names.map((name) => readOne(dataset, name, log)));
  return read.filter((one) => one !== undefined);
}

/** @throws StoreError `unknown-calibration` or `bad-name`. */
export async function readCalibration(dataset: Root, name: string): Promise<Calibration> {
  const found = await readOne(dataset, plainName(name, 'a calibration'));
  if (found !== undefined) return found;
  throw new StoreError(
    'unknown-calibration',
    `The dataset has no calibration “${name}” that can be read.`,
    'Check its folder “calibrations”, or draw a new one.',
  );
}

/** Creates the folder of a calibration with the next number. @returns its name. @throws StoreError `symbolic-link` */
export async function createCalibration(dataset: Root, plan: CalibrationPlan): Promise<string> {
  const name = await createNumbered(dataset.folder, folderOf(dataset), safeName(plan.reviewer));
  await writeJson(join(folderOf(dataset, name), 'plan.json'), CalibrationPlan.parse(plan));
  return name;
}

/** Appends an act to the labels of a calibration and flushes it to disk. @throws StoreError `bad-name` or `symbolic-link` */
export async function appendCalibration(dataset: Root, name: string, act: CalibrationAct): Promise<void> {
  const path = join(folderOf(dataset, plainName(name, 'a calibration')), 'labels.jsonl');
  await refuseLinks(dataset.folder, path);
  await appendLines(path, [CalibrationAct.parse(act)], { sync: true });
}

/** The classifier's scores by the latest finished calibration, else by the latest with labels; undefined without labels. */
export async function detectorScores(dataset: Root): Promise<SourceScores | undefined> {
  const measuring = (await listCalibrations(dataset)).filter(({ plan }) => plan.purpose !== 'learning');
  const reports = measuring.map((calibration) => calibrationReport(calibration));
  const begun = reports.filter(({ labelled }) => labelled > 0);
  const latest = begun.findLast(({ labelled, skipped, sentences }) => labelled + skipped === sentences) ?? begun.at(-1);
  return latest === undefined ? undefined : scoresOf(latest);
}

/** Labels of calibrations, and acts of reviewers on spans. The index must be current. */
export async function countLabels(dataset: Root & Pick<Dataset, 'index'>): Promise<number> {
  const labels = (await listCalibrations(dataset)).flatMap(({ plan, acts }) => [
    ...foldCalibration(plan, acts).labels.values(),
  ]);
  const { index } = dataset;
  const acts = index.reviewed().flatMap((id) => index.acts(id).filter(({ act }) => ACTS_ON_SPANS.has(act)));
  return labels.filter((label) => label !== 'skipped').length + acts.length;
}

async function readOne(dataset: Root, name: string, log?: Log): Promise<Calibration | undefined> {
  const folder = folderOf(dataset, name);
  const plan = await readJson(join(folder, 'plan.json'), CalibrationPlan);
  if (plan === undefined) return undefined;
  const path = join(folder, 'labels.jsonl');
  const acts = await allLinesOf(path, CalibrationAct, (bad) =>
    log?.(skippedLines(path, bad, 'Their labels are not counted. Label these sentences again.')),
  );
  return { name, plan, acts };
}
