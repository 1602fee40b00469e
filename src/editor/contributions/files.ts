import { z } from 'zod';
import { DatasetSettings } from '../../core/model/index.ts';
import { keyboardPage } from './keyboard.ts';
import { buildManifest, SETTINGS_SCHEMA_FILE } from './manifest.ts';

/**
 * Every file that is made from the tables of this folder, by path relative to the project, as text. The formatter may
 * lay them out otherwise on disk.
 *
 * @param packageJson The present package.json, whose other fields are kept in their order.
 */
export function manifestFiles(packageJson: Record<string, unknown>): Record<string, string> {
  const { part, texts } = buildManifest();
  const schema = { title: 'Longhand dataset', ...z.toJSONSchema(DatasetSettings, { io: 'input' }) };
  return {
    'package.json': json({ ...packageJson, ...part }),
    'package.nls.json': json(texts),
    [SETTINGS_SCHEMA_FILE]: json(schema),
    'docs/keyboard.md': keyboardPage(),
  };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
