import { WORKBENCH_KEYS, type WorkbenchAction } from '../../src/protocol/keys.ts';
import { PageKeys } from '../ui/page-keys.ts';

export const KEYS = new PageKeys<WorkbenchAction>('workbench', WORKBENCH_KEYS);

/** The action of a key press, by the registry. */
export const actionFor = KEYS.actionFor;

/** The first key of an action. */
export const keyOf = (action: WorkbenchAction): string => KEYS.label(action);
