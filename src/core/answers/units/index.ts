export { countedMeasure, inverse, type Measure, readMeasure, sameDimension } from './read.ts';
export { markUnits } from './split.ts';
export { isUnit, isUnitLetter } from './words.ts';
