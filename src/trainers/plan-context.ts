import type { EngineChoice, TrainingSettings } from '../core/schemas/index.ts';
import type { TrainerProgram } from '../protocol/training.ts';
import type { ReadRows, TrainingExport } from './export-rows.ts';
import type { BaseModel } from './model.ts';
import type { Trainer } from './trainer.ts';

/** The context of a plan. */
export interface PlanContext {
  /** Folder of the dataset, and of its exports. */
  dataset: string;
  exportsFolder: string;
  mediaFolder: string;
  /** Folder of the bundles. */
  distFolder: string;
  /** Longhand's cache folder. */
  cache: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Called with the current step. */
  onStep: (text: string) => void;
}

/** The input of a preflight. */
export interface Preflight {
  trainer: Trainer;
  settings: TrainingSettings;
  engine: EngineChoice;
  resources: { gpus?: number | undefined };
  source: TrainingExport;
  rows: ReadRows;
  base: BaseModel;
  program: TrainerProgram;
  /** Longhand renders the rows, not the trainer. */
  renders?: boolean;
  /** Folder in which the training runs on this machine; it need not exist yet. */
  job: string;
  /** File of the chat template in the configuration. */
  chatTemplate?: string | undefined;
}
