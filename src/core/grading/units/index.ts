export { countedMeasure, inverse, type Measure, readCompound, readMeasure, sameDimension } from './read.ts';
export { beforeMeasure, markUnits } from './split.ts';
export { isUnit, isUnitLetter } from './words.ts';
