import { Readable } from 'node:stream';
import { defined } from '../../core/defined.ts';
import { EngineError, type Probe } from '../engine.ts';
import { asPattern, megabytes, type SlurmControl, type Submission } from './control.ts';
import { ACCOUNT_FIELDS, accountsOf, type SlurmJob, SlurmJobs } from './jobs.ts';
import { type Answer, lastLine, type Shell } from './shell.ts';

/** Columns of sinfo: node, cores, megabytes, generic resources such as `gpu:a100:4(S:0-1)`. */
const NODES = '%N|%c|%m|%G';

/** Access to Slurm by its commands. */
export class SlurmCommands implements SlurmControl {
  readonly byNumber = false;
  readonly #shell: Shell;
  readonly #partition: string | undefined;

  constructor(shell: Shell, partition: string | undefined) {
    this.#shell = shell;
    this.#partition = partition;
  }

  async probe(signal: AbortSignal): Promise<Probe> {
    const partition = this.#partition === undefined ? [] : [`--partition=${this.#partition}`];
    const version = await this.#run(['sbatch', '--version'], signal);
    const nodes = await this.#run(['sinfo', '-h', '-N', '-o', NODES, ...partition], signal);
    return { version: String(version.stdout).trim(), resources: sumOf(String(nodes.stdout)) };
  }

  async submit(submission: Submission, signal: AbortSignal): Promise<number> {
    const { name, comment, folder, log, resources, partition, script } = submission;
    const memory = megabytes(resources.memory);
    const command = [
      'sbatch',
      '--parsable',
      `--job-name=${name}`,
      `--comment=${comment}`,
      `--chdir=${folder}`,
      `--output=${asPattern(log)}`,
      '--open-mode=append',
      // A requeued training would overwrite the results of its first try.
      '--no-requeue',
      `--nodes=${resources.nodes}`,
      '--ntasks-per-node=1',
      `--cpus-per-task=${Math.ceil(resources.cpus)}`,
      ...(resources.gpus > 0 ? [`--gpus-per-node=${Math.ceil(resources.gpus)}`] : []),
      ...(memory === undefined ? [] : [`--mem=${memory}M`]),
      ...(resources.timeLimit === undefined ? [] : [`--time=${resources.timeLimit}`]),
      ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ];
    const answer = await this.#run(command, signal, Readable.from([script]));
    const id = Number.parseInt(String(answer.stdout), 10);
    if (id > 0) return id;
    throw new EngineError(
      'refused',
      `Unexpected output of sbatch: “${lastLine(String(answer.stdout))}”.`,
      'Run sbatch there manually.',
    );
  }

  async jobs(names: readonly string[], signal: AbortSignal): Promise<SlurmJob[]> {
    const answer = await this.#run(['squeue', '--json', '--states=all', `--name=${names.join(',')}`], signal);
    const known = jobsOf(answer).filter(({ name }) => names.includes(name));
    const forgotten = names.filter((name) => !known.some((job) => job.name === name));
    return forgotten.length === 0 ? known : [...known, ...(await this.#accounted(forgotten, signal))];
  }

  /** Jobs known only to the accounting; none when a site keeps no accounts. */
  async #accounted(names: readonly string[], signal: AbortSignal): Promise<SlurmJob[]> {
    const command = ['sacct', '-X', '-n', '-P', '-S', 'now-90days', `--name=${names.join(',')}`, '-o', ACCOUNT_FIELDS];
    try {
      const { code, stdout } = await this.#shell.script('exec "$@"', command, { signal });
      return code === 0 ? accountsOf(String(stdout)).filter(({ name }) => names.includes(name)) : [];
    } catch (error) {
      // A login node may lack sacct.
      if (error instanceof EngineError && error.kind === 'unusable') return [];
      throw error;
    }
  }

  async cancel(id: number, signal: AbortSignal): Promise<void> {
    await this.#run(['scancel', String(id)], signal);
  }

  async #run(command: readonly string[], signal: AbortSignal, input?: Readable): Promise<Answer> {
    const answer = await this.#shell.script('exec "$@"', command, { signal, ...defined({ input }) });
    if (answer.code === 0) return answer;
    const message = lastLine(answer.stderr) || `${command[0]} ended with code ${answer.code}`;
    if (/unable to contact|timed out|connect failure|connection refused|communication/i.test(answer.stderr)) {
      throw new EngineError('unreachable', `Slurm does not answer: ${message}.`, 'Try again; see “sinfo” there.');
    }
    if (/unrecognized option|invalid option/i.test(answer.stderr)) {
      throw new EngineError(
        'unusable',
        `${message}.`,
        'Longhand needs Slurm 21.08 or later, whose squeue prints JSON.',
      );
    }
    throw new EngineError('refused', `${message}.`, 'Check partition, account and limits of the cluster.');
  }
}

/** @throws EngineError `unusable` for unexpected output. */
function jobsOf({ stdout }: Answer): SlurmJob[] {
  try {
    return SlurmJobs.parse(JSON.parse(String(stdout))).jobs;
  } catch (error) {
    throw new EngineError('unusable', 'Can’t read the output of squeue.', 'Report it with the version of Slurm.', {
      cause: error,
    });
  }
}

/** A node in two partitions is listed twice. */
function sumOf(list: string): NonNullable<Probe['resources']> {
  const sum = { nodes: 0, cpus: 0, memory: 0, gpus: 0 };
  for (const line of new Set(list.trim().split('\n').filter(Boolean))) {
    const [, cpus = '', memory = '', resources = ''] = line.split('|');
    sum.nodes++;
    sum.cpus += Number.parseInt(cpus, 10) || 0;
    sum.memory += (Number.parseInt(memory, 10) || 0) * 1024 * 1024;
    sum.gpus += gpusOf(resources);
  }
  return sum;
}

/** `gpu:4`, `gpu:a100:4(S:0-1),nic:1`, `(null)`. */
export function gpusOf(resources: string): number {
  const counts = [...resources.matchAll(/(?:^|,)gpu(?::[^:,()]+)?:(\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
