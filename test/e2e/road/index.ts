import { askStatus, exportSet } from './export.ts';
import { closeWindow, finishRound, killRunner, resumeRound, startRound } from './generate.ts';
import { importProblems, importTraces } from './import.ts';
import { selectModel, stopModel } from './model.ts';
import { acceptGenerated, decide, keepQuickPick, labelAndEdit, removeFilter, reopenReader } from './review.ts';
import type { RoadStep } from './road.ts';
import { lookAround } from './tour.ts';

/** From an imported problem to an exported, reviewed chain, in the order in which a user walks. */
export const ROAD: readonly RoadStep[] = [
  lookAround,
  importProblems,
  importTraces,
  selectModel,
  startRound,
  killRunner,
  resumeRound,
  closeWindow,
  finishRound,
  decide,
  labelAndEdit,
  reopenReader,
  keepQuickPick,
  acceptGenerated,
  removeFilter,
  exportSet,
  askStatus,
  stopModel,
];
