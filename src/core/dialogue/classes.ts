import type { ChainClass } from '../schemas/chain.ts';

/** Names of the classes in every view and in docs/design/dialogue.md. */
export const CLASS_NAMES: Readonly<Record<ChainClass, string>> = {
  FT: 'wrong, then right',
  TF: 'right, then wrong',
  TT: 'right both times',
  FF: 'wrong both times',
};
