import type { EngineChoice, TrainingSettings } from '../core/model/index.ts';
import type { RowTokens } from '../core/training/lengths.ts';
import type { PreflightCheck, TrainerProgram } from '../protocol/training.ts';
import type { ReadRows, TrainingExport } from './export-rows.ts';
import type { BaseModel } from './model.ts';
import type { PlanContext } from './plan.ts';
import { pythonWords } from './python.ts';
import type { Trainer } from './trainer.ts';

/** What a preflight looks at. */
export interface Preflight {
  trainer: Trainer;
  settings: TrainingSettings;
  engine: EngineChoice;
  source: TrainingExport;
  rows: ReadRows;
  base: BaseModel;
  program: TrainerProgram;
}

/** What a preflight found. */
export interface Found {
  checks: PreflightCheck[];
  /** Words that start Python with the trainer's packages. */
  python: readonly string[];
  device: 'cpu' | 'gpu';
  gpus: number;
  /** What the trainer opens; undefined for a GGUF file that could not be converted. */
  model: string | undefined;
  /** Of every row, where the model's tokenizer could be asked. */
  tokens: RowTokens[] | undefined;
}

export async function preflight(asked: Preflight, context: PlanContext): Promise<Found> {
  const python = pythonWords(asked.program, context.cache, asked.trainer.environment);
  return {
    checks: [],
    python,
    device: asked.settings.device === 'gpu' ? 'gpu' : 'cpu',
    gpus: 0,
    model: asked.base.kind === 'gguf' ? undefined : asked.base.path,
    tokens: undefined,
  };
}
