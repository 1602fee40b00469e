import { hostOfURL } from '../../core/models/base-url.ts';
import type { EngineChoice } from '../../core/schemas/index.ts';
import { EngineError } from '../../engines/engine.ts';
import { openEngine } from '../../engines/open.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import type { PlanContext } from '../plan-context.ts';

/** Checks whether the cluster can be used, warnings about it, and whether results reach this machine. */
export async function engineChecks(
  choice: EngineChoice,
  { dataset, distFolder, env, signal }: Pick<PlanContext, 'dataset' | 'distFolder' | 'env' | 'signal'>,
): Promise<PreflightCheck[]> {
  if (choice.engine === 'local') return [];
  const checks: PreflightCheck[] = [];
  try {
    const { problem, version, warning } = await (await openEngine(choice, { dataset, distFolder, env })).probe(signal);
    if (problem !== undefined) checks.push({ id: 'engine', state: 'error', message: problem });
    else checks.push({ id: 'engine', state: 'ok', message: `${nameOf(choice)}, version ${version ?? 'unknown'}.` });
    if (warning !== undefined) checks.push({ id: 'engine', state: 'warning', message: warning });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    checks.push({ id: 'engine', state: 'error', message: error.message, advice: error.advice });
  }
  if (choice.engine === 'ray' && choice.sharedFolder === undefined) {
    checks.push({
      id: 'engine',
      state: 'warning',
      message: 'Checkpoints and the trained model are lost when the job ends, because Ray returns no files.',
      advice: 'Choose a folder that all nodes share with --shared-folder. The log reports progress in any case.',
    });
  }
  return checks;
}

function nameOf(choice: Exclude<EngineChoice, { engine: 'local' }>): string {
  return choice.engine === 'ray'
    ? `Ray at ${hostOfURL(choice.address)}`
    : `Slurm${choice.host ? ` at ${choice.host}` : ''}`;
}
