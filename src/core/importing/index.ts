export { recogniseColumns, type Unrecognised } from './columns.ts';
export { isRowFile, ROW_EXTENSIONS } from './formats.ts';
export {
  HUB_NAME_FORM,
  HUB_PREFIX,
  type HubName,
  hubNameText,
  isHubName,
  isPlainPath,
  parseHubName,
} from './hub-name.ts';
export { KNOWN_SETS, type KnownSet, knownSet } from './known-sets.ts';
export { normaliseProblemText } from './normalise.ts';
export { type MappedProblem, type MappedRow, mapRow } from './row.ts';
export { joinTrace, type PartedTrace, partTrace, taggedTrace } from './thought.ts';
export { type MappedTrace, type MappedTraces, mapTrace, recogniseTraces, type TraceShape } from './traces.ts';
export { columnsOf, valueAt } from './values.ts';
