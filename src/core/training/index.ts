export * from './curve.ts';
export * from './loss-picture.ts';
export * from './loss-table.ts';
