import * as vscode from 'vscode';
import { hostOfURL } from '../core/model/base-url.ts';
import type { EngineChoice } from '../core/model/index.ts';

/** An engine, as a person calls it within a line. */
export function engineName(engine: EngineChoice): string {
  switch (engine.engine) {
    case 'local':
      return vscode.l10n.t('this machine');
    case 'ray':
      return vscode.l10n.t('Ray at {0}', hostOfURL(engine.address));
    case 'slurm': {
      const host = engine.rest === undefined ? engine.host : hostOfURL(engine.rest);
      return host === undefined ? vscode.l10n.t('Slurm') : vscode.l10n.t('Slurm on {0}', host);
    }
  }
}
