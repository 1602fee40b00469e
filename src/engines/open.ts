import type { EngineChoice } from '../core/model/index.ts';
import type { EngineContext } from './context.ts';
import type { Engine } from './engine.ts';

/** The engine that was chosen; only its own code is loaded. */
export async function openEngine(choice: EngineChoice, context: EngineContext): Promise<Engine> {
  switch (choice.engine) {
    case 'local':
      return new (await import('./local/engine.ts')).LocalEngine(context);
    case 'ray':
      return new (await import('./ray/engine.ts')).RayEngine(choice, context);
    case 'slurm':
      return (await import('./slurm/open.ts')).openSlurm(choice, context);
  }
}
