export * from './chain.ts';
export * from './mapping.ts';
export * from './policy.ts';
export * from './problem.ts';
export * from './review.ts';
export * from './round.ts';
export * from './settings.ts';
export * from './verdict.ts';
