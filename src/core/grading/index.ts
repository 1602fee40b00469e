// The compute engine is not exported here: a bundle that imports this file must not carry its 3.3 MB. See engine.ts.
export { answersAgree, compareAnswers } from './compare.ts';
export { extractAnswer } from './extract.ts';
export { type Grading, gradeAnswer, gradeWith, hasReadableGold } from './grade.ts';
export { normaliseAnswer } from './normalise.ts';
export { exampleTable, POLICIES, readPolicy, resolvePolicy } from './policies.ts';
export type { SymbolicEngine } from './shapes/value.ts';
