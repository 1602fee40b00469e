import { keyLabel } from '../../src/protocol/keys.ts';
import { WORKBENCH_KEYS, type WorkbenchAction } from '../../src/protocol/workbench.ts';
import { actionsOf } from '../ui/keyboard.ts';

/** The action of a key press, by the registry. */
export const actionFor = actionsOf<WorkbenchAction>(WORKBENCH_KEYS);

/** The first key of an action. */
export function keyOf(action: WorkbenchAction): string {
  return keyLabel(WORKBENCH_KEYS.find((entry) => entry.action === action)?.keys[0] ?? '');
}
