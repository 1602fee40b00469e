import {
  CALIBRATE_KEYS,
  CHAINS_KEYS,
  type KeyEntry,
  type KeyPage,
  keyLabel,
  keyName,
  REVIEW_KEYS,
  WORKBENCH_KEYS,
} from '../../protocol/keys.ts';
import { KEYBINDINGS } from './menus.ts';

/** In a cell of a table, where a bar would begin the next cell. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

const row = (page: KeyPage, entry: KeyEntry): string =>
  `| ${entry.keys.map((key) => code(keyLabel(key))).join(' or ')} | ${entry.title} | ${code(keyName(page, entry))} |`;

/** docs/reference/keyboard.md, made from the key registry and the keybindings of the manifest. */
export function keyboardPage(): string {
  const lines = [
    '# Keys',
    '',
    '<!-- Written by `npm run manifest` from src/protocol/keys.ts and src/editor/contributions/menus.ts. -->',
    '',
    'This page lists the keys of the reader and of other pages. Letters work while no text field has the focus. `?` shows the keys of a page.',
    'On macOS, `Ctrl` is `Cmd`. Each key of the reader is also a command of the palette, under `Longhand`; its id is `longhand.` and the name.',
    '',
    'The setting `longhand.keys` gives an action other keys: `{ "review.accept": ["F2"] }`. The last column of each table has the names.',
    'A name of the reader also changes the key of the same meaning on other pages. A page that is open starts again with the new keys.',
    '',
    'Letters, digits, signs, Enter and Space are ignored for half a second after a page gets the focus, unless you click in it.',
    'You may have typed them for a quick pick.',
    'A chain that is graded incorrect or filtered out is accepted only when you press the key twice.',
  ];
  for (const group of new Set(REVIEW_KEYS.map((key) => key.group))) {
    lines.push('', `## ${group}`, '', '| Key | What it does | Name |', '|---|---|---|');
    lines.push(...REVIEW_KEYS.filter((key) => key.group === group).map((key) => row('review', key)));
  }
  for (const [page, title, registry] of [
    ['chains', 'In the Chain Table', CHAINS_KEYS],
    ['calibrate', 'In Calibrate Classifier', CALIBRATE_KEYS],
    ['workbench', 'In the Prompt Workbench', WORKBENCH_KEYS],
  ] as const) {
    lines.push('', `## ${title}`, '', '| Key | What it does | Name |', '|---|---|---|');
    lines.push(...registry.map((key) => row(page, key)));
  }
  lines.push('', '## Anywhere', '', '| Key | On macOS | Command |', '|---|---|---|');
  for (const { key, mac, command } of KEYBINDINGS) {
    lines.push(`| ${code(key)} | ${code(mac ?? key)} | ${code(command)} |`);
  }
  return `${lines.join('\n')}\n`;
}
