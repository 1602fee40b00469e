import { join } from 'node:path';
import type { RunReport } from '../../protocol/training.ts';

/** Whether the run is or may be active: the state is unknown while its engine does not answer. */
export const isLive = ({ state }: RunReport): boolean =>
  state === 'pending' || state === 'running' || state === 'unreachable';

/** A run is stored before it is submitted: for this time its engine may not list it. */
const SENDING_MS = 120_000;

/** Whether a lost run may still be on its way to the engine. */
export const isBeingSent = ({ state, createdAt }: Pick<RunReport, 'state' | 'createdAt'>, now: number): boolean =>
  state === 'lost' && now - Date.parse(createdAt) < SENDING_MS;

/** Whether it can be stopped. A hosted training continues when it is lost here. */
export const isStoppable = ({ state, hosted }: RunReport): boolean =>
  state === 'pending' || state === 'running' || (state === 'lost' && hosted === true);

/** The context value of a run for menus: `run.<kind>.<state>`, with `.hosted` for a hosted training. */
export const runContext = ({ kind, state, hosted }: Pick<RunReport, 'kind' | 'state' | 'hosted'>): string =>
  `run.${kind}.${state}${hosted === true ? '.hosted' : ''}`;

/** A training that did not finish. A finished one can be trained longer by the command. */
export const isResumableRun = ({ kind, state }: RunReport): boolean =>
  kind === 'train' && (state === 'stopped' || state === 'failed' || state === 'lost' || state === 'prepared');

/** Folder of a checkpoint. */
export const checkpointFolder = ({ folder, results }: RunReport, { path }: { path: string }): string =>
  join(results ?? folder, path);

export const lastCheckpoint = ({ checkpoints }: RunReport): RunReport['checkpoints'][number] | undefined =>
  checkpoints
    .filter(({ whole }) => whole)
    .reduce<RunReport['checkpoints'][number] | undefined>(
      (last, one) => (last === undefined || one.step > last.step ? one : last),
      undefined,
    );
