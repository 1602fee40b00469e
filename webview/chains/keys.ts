import { CHAINS_KEYS, type ChainsAction } from '../../src/protocol/keys.ts';
import { PageKeys } from '../ui/page-keys.ts';

export const KEYS = new PageKeys<ChainsAction>('chains', CHAINS_KEYS);
