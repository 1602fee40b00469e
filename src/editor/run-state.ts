import type { RunReport } from '../protocol/training.ts';

export type { RunReport } from '../protocol/training.ts';

/** Whether the job goes on, as far as anybody knows: an engine that does not answer says nothing of its job. */
export const isLive = ({ state }: RunReport): boolean =>
  state === 'pending' || state === 'running' || state === 'unreachable';

/** Whether it can be asked to stop. */
export const isStoppable = ({ state }: RunReport): boolean => state === 'pending' || state === 'running';

/** A training that did not reach its end. One that did can train longer, which the command asks for. */
export const isResumableRun = ({ kind, state }: RunReport): boolean =>
  kind === 'train' && (state === 'stopped' || state === 'failed' || state === 'lost' || state === 'prepared');

/** The last checkpoint that is whole. */
export const lastCheckpoint = ({ checkpoints }: RunReport): RunReport['checkpoints'][number] | undefined =>
  checkpoints
    .filter(({ whole }) => whole)
    .reduce<RunReport['checkpoints'][number] | undefined>(
      (last, one) => (last === undefined || one.step > last.step ? one : last),
      undefined,
    );
