import type { EngineChoice } from '../core/schemas/index.ts';
import type { Engine, EngineContext } from './engine.ts';

/** Opens the chosen engine and loads only its code. */
export async function openEngine(choice: EngineChoice, context: EngineContext): Promise<Engine> {
  switch (choice.engine) {
    case 'local':
      return new (await import('./local/engine.ts')).LocalEngine(context);
    case 'ray':
      return new (await import('./ray/engine.ts')).RayEngine(choice, context);
    case 'slurm':
      return (await import('./slurm/engine.ts')).openSlurm(choice, context);
  }
}
