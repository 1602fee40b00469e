import { parseArgs } from 'node:util';
import { defined } from '../../src/core/defined.ts';
import { SetupError } from './say.ts';

export interface StartArguments {
  /** The dataset folder to open; the sample is copied into it when it is not there yet. */
  folder?: string;
  /** Run the whole workflow once without a user. */
  headlessCheck: boolean;
  /** Where the check leaves screenshots and the dataset. */
  keep?: string;
  /** Open in the browser even where there is a desktop VS Code. */
  browser: boolean;
  port?: number;
}

export const START_USAGE = `npm start [-- options]
  --folder DIR         open this dataset folder (the sample dataset is copied into it when it does not exist)
  --browser            VS Code in the browser even where the desktop's \`code\` is on the PATH
  --port N             port of VS Code in the browser (8487 when it is free)
  --headless-check     run every step once in Chromium and report the results
  --keep DIR           where the check leaves screenshots and the dataset (artifacts/headless-check)`;

/** @throws SetupError with the usage when an option is unknown or has no value. */
export function readStartArguments(args: readonly string[]): StartArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        folder: { type: 'string' },
        keep: { type: 'string' },
        port: { type: 'string' },
        browser: { type: 'boolean', default: false },
        'headless-check': { type: 'boolean', default: false },
      },
    });
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
      throw new Error('--port must be 1 to 65535');
    return {
      headlessCheck: values['headless-check'],
      browser: values.browser,
      ...defined({ folder: values.folder, keep: values.keep, port }),
    };
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message : error}\n\n${START_USAGE}`);
  }
}
