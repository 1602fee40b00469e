import type { EngineChoice } from '../core/model/index.ts';
import type { EngineContext } from './context.ts';
import { type Engine, EngineError } from './engine.ts';

/**
 * The engine that was chosen; only its own code is loaded.
 * @throws EngineError `unusable` when this Longhand has no such engine.
 */
export async function openEngine(choice: EngineChoice, context: EngineContext): Promise<Engine> {
  switch (choice.engine) {
    case 'local':
      return new (await import('./local/engine.ts')).LocalEngine(context);
    case 'slurm':
      return (await import('./slurm/open.ts')).openSlurm(choice, context);
    default:
      throw new EngineError('unusable', `Longhand can't send jobs to ${choice.engine} yet.`, 'Run it on this machine.');
  }
}
