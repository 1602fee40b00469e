import { join } from 'node:path';
import type { RunReport } from '../protocol/training.ts';

export type { RunReport } from '../protocol/training.ts';

/** Whether the job goes on, as far as anybody knows: an engine that does not answer says nothing of its job. */
export const isLive = ({ state }: RunReport): boolean =>
  state === 'pending' || state === 'running' || state === 'unreachable';

/** A run is written down before its job is sent: for so long an engine may not know the job yet. */
const SENDING_MS = 120_000;

/** Whether the engine knows nothing of a job that may only be on its way. */
export const isBeingSent = ({ state, createdAt }: Pick<RunReport, 'state' | 'createdAt'>, now: number): boolean =>
  state === 'lost' && now - Date.parse(createdAt) < SENDING_MS;

/** Whether it can be asked to stop. At a host, a training goes on that is lost here. */
export const isStoppable = ({ state, hosted }: RunReport): boolean =>
  state === 'pending' || state === 'running' || (state === 'lost' && hosted === true);

/** By which menus know a run: `run.<kind>.<state>`, with `.hosted` for a training at a host. */
export const runContext = ({ kind, state, hosted }: RunReport): string =>
  `run.${kind}.${state}${hosted === true ? '.hosted' : ''}`;

/** A training that did not reach its end. One that did can train longer, which the command asks for. */
export const isResumableRun = ({ kind, state }: RunReport): boolean =>
  kind === 'train' && (state === 'stopped' || state === 'failed' || state === 'lost' || state === 'prepared');

/** Where a checkpoint of the run lies. */
export const checkpointFolder = ({ folder, results }: RunReport, { path }: { path: string }): string =>
  join(results ?? folder, path);

/** The last checkpoint that is whole. */
export const lastCheckpoint = ({ checkpoints }: RunReport): RunReport['checkpoints'][number] | undefined =>
  checkpoints
    .filter(({ whole }) => whole)
    .reduce<RunReport['checkpoints'][number] | undefined>(
      (last, one) => (last === undefined || one.step > last.step ? one : last),
      undefined,
    );
