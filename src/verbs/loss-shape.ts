import type { Shape } from './shapes.ts';

/** The command line of `loss`. */
export const LOSS_SHAPE: Shape = {
  positionals: ['dataset'],
  flags: {
    runs: { value: 'A,B', into: 'runs', kind: 'list', help: 'trainings; the newest when not given' },
    svg: {
      value: 'FILE',
      into: 'svg',
      help: 'write a picture of loss, learning rate and gradient norm, the runs over each other',
    },
    csv: { value: 'FILE', into: 'csv', help: 'write a line for each step' },
  },
};
