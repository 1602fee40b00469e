// Longhand's own verbs, each as a process of the built command line, with waits and resumes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VerbProgress } from '../../src/protocol/progress.ts';
import { isRunning, listComparisons, type StoredComparison } from '../../src/store/selections/comparisons.ts';
import { VERBS, type VerbName, type VerbResult } from '../../src/verbs/index.ts';
import { ROOT } from '../lib/paths.ts';
import { ProcessFailed } from '../lib/process.ts';
import { isNamed } from './rows.ts';

/** The maximum number of output lines of a verb in an error. */
const LINES_KEPT = 30;
/** The name of the comparison of an experiment's arms. */
export const COMPARISON = 'loop';
/** The time between two checks of a round that an earlier start left running. */
const LOOK_EVERY_MS = 2000;

export interface VerbRunner {
  /** Called with each line of progress of a verb. */
  progress: (verb: VerbName, progress: VerbProgress) => void;
  signal: AbortSignal;
}

/** Runs a verb to its end. When cancelled, the verb gets a signal and ends after the current calls. */
export async function longhand<V extends VerbName>(
  { progress, signal }: VerbRunner,
  verb: V,
  args: Record<string, unknown>,
): Promise<VerbResult<V>> {
  signal.throwIfAborted();
  const child = spawn(
    process.execPath,
    [join(ROOT, 'dist', 'cli.mjs'), verb, '--json', '--progress', 'json', '--args-json', '-'],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const cancel = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', cancel);
  let stdout = '';
  let rest = '';
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const read = progressOf(line);
      if (read) progress(verb, read);
      else output.push(line);
    }
  });
  child.stdin.on('error', () => undefined).end(JSON.stringify(args));
  const code = await new Promise<number>((done, fail) => {
    child.on('error', fail);
    child.on('close', (ended) => done(ended ?? 1));
  });
  signal.removeEventListener('abort', cancel);
  signal.throwIfAborted();
  if (code === 0) return VERBS[verb].result.parse(JSON.parse(stdout)) as VerbResult<V>;
  throw new ProcessFailed(
    `longhand ${verb} ended with code ${code}\n${[...output, rest].slice(-LINES_KEPT).join('\n')}`,
  );
}

function progressOf(line: string): VerbProgress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return VerbProgress.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * Runs the round of this name to its end: starts it, resumes it, or waits for a runner from an earlier start of the script.
 * @returns the round's full name.
 */
export async function finishRound(
  runner: VerbRunner,
  dataset: string,
  name: string,
  begin: () => Promise<unknown>,
): Promise<string> {
  for (;;) {
    const { rounds } = await longhand(runner, 'status', { dataset });
    const standing = rounds.find(({ round }) => round.endsWith(`-${name}`));
    if (standing?.state === 'finished') return standing.round;
    if (standing?.state === 'running') await sleep(LOOK_EVERY_MS, undefined, { signal: runner.signal });
    else if (standing) await longhand(runner, 'resume', { dataset, round: standing.round });
    else await begin();
  }
}

/**
 * Runs the training of this name to its end: starts it, follows one from an earlier start, or resumes a stopped one.
 * @returns the folder of the trained model.
 * @throws Error for a training that failed or whose engine does not answer.
 */
export async function finishTraining(
  runner: VerbRunner,
  dataset: string,
  name: string,
  args: Record<string, unknown>,
): Promise<string> {
  for (;;) {
    const { runs } = await longhand(runner, 'runs', { dataset, kind: 'train' });
    const standing = runs.find(({ run }) => run === name || run.startsWith(`${name}-`));
    switch (standing?.state) {
      case undefined:
        await longhand(runner, 'train', { dataset, name, follow: true, ...args });
        break;
      case 'succeeded':
        if (standing?.output) return standing.output;
        throw new Error(`The training ${name} ended and left no model.`);
      case 'pending':
      case 'running':
        await longhand(runner, 'run', { dataset, run: standing?.run, follow: true });
        break;
      case 'stopped':
      case 'lost':
      case 'prepared':
        await longhand(runner, 'resume-run', { dataset, run: standing?.run, follow: true });
        break;
      default:
        throw new Error(
          `The training ${name} is ${standing?.state}: ${standing?.failure?.message ?? standing?.message}`,
        );
    }
  }
}

async function comparisonNamed(dataset: string, name: string): Promise<StoredComparison | undefined> {
  return (await listComparisons(dataset)).find(({ plan }) => isNamed(plan.comparison, name));
}

/** The comparison of the arms of an experiment. @throws Error where the experiment has not come to it. */
export async function loopComparison(dataset: string): Promise<StoredComparison> {
  const compared = await comparisonNamed(dataset, COMPARISON);
  if (compared?.result === undefined) throw new Error('Run the experiment to its end first.');
  return compared;
}

/** Waits for a process from an earlier start of the script that still runs the comparison of this name. */
export async function endOfComparison({ signal }: VerbRunner, dataset: string, name: string): Promise<void> {
  const standing = await comparisonNamed(dataset, name);
  while (standing && (await isRunning(standing.folder))) await sleep(LOOK_EVERY_MS, undefined, { signal });
}

/**
 * Runs the comparison of selections of this name to its end: starts it, or resumes one from an earlier start of the script.
 * @param programs is read again by a resume; `args` only by a new comparison.
 */
export async function finishComparison(
  runner: VerbRunner,
  dataset: string,
  name: string,
  programs: Record<string, unknown>,
  args: Record<string, unknown>,
): Promise<VerbResult<'compare-selections'>> {
  const standing = await comparisonNamed(dataset, name);
  const how = standing ? { resume: standing.plan.comparison } : { name, ...args };
  return longhand(runner, 'compare-selections', { dataset, ...how, ...programs });
}
