export * from './assemble.ts';
export * from './check-verdict.ts';
export * from './choose.ts';
export * from './connect.ts';
export * from './pieces.ts';
export * from './prompts.ts';
export * from './quota.ts';
export * from './seed.ts';
