import { CALIBRATE_KEYS, type CalibrateAction } from '../../src/protocol/keys.ts';
import { PageKeys } from '../ui/page-keys.ts';

export const KEYS = new PageKeys<CalibrateAction>('calibrate', CALIBRATE_KEYS);

/** The action of a key press, by the registry. */
export const actionFor = KEYS.actionFor;

/** The first key of an action. */
export const keyOf = (action: CalibrateAction): string => KEYS.label(action);
