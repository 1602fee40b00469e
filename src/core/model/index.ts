export * from './chain.ts';
export * from './judgement.ts';
export * from './mapping.ts';
export * from './problem.ts';
export * from './review.ts';
export * from './round.ts';
export * from './settings.ts';
export * from './verdict.ts';
