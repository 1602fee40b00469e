import type { ModelRef } from '../../core/schemas/index.ts';
import { t } from '../ui/format.ts';

/** Where a model runs: its address, the starter model, or VS Code. */
export function modelPlace(ref: ModelRef): string {
  switch (ref.kind) {
    case 'openai':
      return ref.baseURL;
    case 'starter':
      return t('starter model');
    case 'vscode':
      return t('VS Code · {0}', ref.vendor);
  }
}
