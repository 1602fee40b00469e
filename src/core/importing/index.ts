export { recogniseColumns, type Unrecognised } from './columns.ts';
export { normaliseProblemText } from './normalise.ts';
export { type MappedProblem, type MappedRow, mapRow } from './row.ts';
export { joinTrace, type PartedTrace, partTrace, taggedTrace } from './thought.ts';
export { type MappedTrace, type MappedTraces, mapTrace, recogniseTraces, type TraceShape } from './traces.ts';
export { columnsOf, valueAt } from './values.ts';
