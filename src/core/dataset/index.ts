export { answerFromOf, recogniseColumns } from './columns.ts';
export { type ExportContext, type ExportedTrace, mapExported } from './exported.ts';
export {
  formatHubName,
  HUB_NAME_FORM,
  HUB_PREFIX,
  type HubName,
  isHubName,
  isPlainPath,
  parseHubName,
} from './hub-name.ts';
export { KNOWN_SETS, type KnownSet, knownSet } from './known-sets.ts';
export { type Named, withNamedColumns } from './named-columns.ts';
export { normaliseProblemText } from './normalise.ts';
export { type MappedProblem, mapRow } from './row.ts';
export { joinTrace, partTrace, taggedTrace } from './thought.ts';
export { type TracePlace, traceChain, traceEnd } from './trace-chain.ts';
export { isWholeChat, type MappedTrace, mapTrace, recogniseFile, recogniseTraces } from './traces.ts';
export { columnsOf, isRowFile, ROW_EXTENSIONS, valueAt } from './values.ts';
