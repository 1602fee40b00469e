import { CALIBRATE_KEYS, type CalibrateAction } from '../../src/protocol/calibrate.ts';
import { keyLabel } from '../../src/protocol/keys.ts';
import { actionsOf } from '../ui/keyboard.ts';

/** The action of a key press, by the registry. */
export const actionFor = actionsOf<CalibrateAction>(CALIBRATE_KEYS);

/** The first key of an action. */
export function keyOf(action: CalibrateAction): string {
  return keyLabel(CALIBRATE_KEYS.find((entry) => entry.action === action)?.keys[0] ?? '');
}
