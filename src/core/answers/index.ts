export { type AnswerComparison, answersAgree, compareAnswers } from './compare.ts';
export { loadEngine } from './expression/engine.ts';
export { type ExtractedAnswer, type ExtractOptions, extractAnswer } from './extract.ts';
export { type Grading, gradeAnswer, gradeWith } from './grade.ts';
export { normaliseAnswer } from './normalise.ts';
export type { SymbolicEngine } from './shapes/value.ts';
