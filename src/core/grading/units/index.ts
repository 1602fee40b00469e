export { countedMeasure, inverse, type Measure, readCompound, readMeasure, sameDimension } from './read.ts';
export { markUnits } from './split.ts';
export { isUnit, isUnitLetter } from './words.ts';
