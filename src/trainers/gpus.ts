import { type Gpu, parseGpus } from '../core/training/gpus.ts';
import type { PreflightCheck } from '../protocol/training.ts';
import type { PlanContext } from './plan.ts';
import type { Preflight } from './preflight.ts';
import type { PythonSays } from './python.ts';
import { runProgram } from './run-python.ts';

const QUERY = 'index,name,memory.total,memory.free,utilization.gpu';

/** The GPUs of this machine. */
export async function gpusHere({ env, signal }: Pick<PlanContext, 'env' | 'signal'>): Promise<Gpu[]> {
  const ran = await runProgram(['nvidia-smi', `--query-gpu=${QUERY}`, '--format=csv,noheader,nounits'], {
    env,
    signal,
  });
  return ran.code === 0 ? parseGpus(ran.stdout) : [];
}

/** Which device the job will have. Adds what was found to `checks`. */
export function gpuChecks(
  { settings, engine, resources }: Preflight,
  says: PythonSays | undefined,
  there: readonly Gpu[],
  checks: PreflightCheck[],
): { device: 'cpu' | 'gpu'; gpus: number } {
  const wanted = settings.device;
  if (engine.engine !== 'local') {
    const gpus = resources.gpus ?? (wanted === 'gpu' ? 1 : 0);
    return { device: wanted === 'cpu' || gpus === 0 ? 'cpu' : 'gpu', gpus };
  }
  const usable = says?.cuda ?? 0;
  if (wanted === 'gpu' && usable === 0) {
    const message = there.length > 0 ? 'torch can’t use the GPU that is there.' : 'There is no GPU that torch can use.';
    const advice = there.length > 0 ? 'Install a build of torch for this GPU.' : 'Train with --device cpu.';
    checks.push({ id: 'gpu', state: 'error', message, advice });
  }
  if (wanted === 'auto' && there.length > 0 && usable === 0) {
    const advice = 'Install a build of torch for this GPU, or say --device cpu.';
    checks.push({ id: 'gpu', state: 'warning', message: 'There is a GPU, and torch can’t use it.', advice });
  }
  const gpu = wanted !== 'cpu' && usable > 0;
  const names = there.map(({ index, name, freeMiB }) => `${index}: ${name}, ${freeMiB} MiB free`).join('; ');
  if (gpu) checks.push({ id: 'gpu', state: 'ok', message: names === '' ? `${usable} GPUs` : names });
  if (!gpu && wanted !== 'gpu') checks.push({ id: 'gpu', state: 'ok', message: 'It trains on the processor.' });
  return { device: gpu ? 'gpu' : 'cpu', gpus: gpu ? usable : 0 };
}
