export { type Block, splitBlocks } from './blocks.ts';
export { type CodeRange, findCode } from './code.ts';
export { findMaths, type MathRange, snapToMaths } from './maths.ts';
