export { type Block, splitBlocks } from './blocks.ts';
export { findMaths, type MathRange, snapToMaths } from './maths.ts';
