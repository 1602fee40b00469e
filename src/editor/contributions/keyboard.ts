import { CALIBRATE_KEYS } from '../../protocol/calibrate.ts';
import { CHAINS_KEYS } from '../../protocol/chains.ts';
import { keyLabel, REVIEW_KEYS } from '../../protocol/keys.ts';
import { WORKBENCH_KEYS } from '../../protocol/workbench.ts';
import { reviewCommandId } from './commands.ts';
import { KEYBINDINGS } from './menus.ts';

/** In a cell of a table, where a bar would begin the next cell. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** docs/reference/keyboard.md, made from the key registry and the keybindings of the manifest. */
export function keyboardPage(): string {
  const lines = [
    '# Keys',
    '',
    '<!-- Written by `npm run manifest` from src/protocol/keys.ts, src/protocol/chains.ts, src/protocol/calibrate.ts, src/protocol/workbench.ts and src/editor/contributions/menus.ts. -->',
    '',
    'This page lists the keys of the reader and of other pages. Letters work while no text field has the focus. `?` shows the keys of a page.',
    'On macOS, `Ctrl` is `Cmd`. Each key of the reader is also a command of the palette, under `Longhand`.',
    '',
    'Letters, digits and signs are ignored for half a second after the reader gets the focus, unless you click in it.',
    'You may have typed them for a quick pick.',
    'A chain that is graded incorrect or filtered out is accepted only when you press the key twice.',
  ];
  for (const group of new Set(REVIEW_KEYS.map((key) => key.group))) {
    lines.push('', `## ${group}`, '', '| Key | What it does | Command |', '|---|---|---|');
    for (const { action, keys, title } of REVIEW_KEYS.filter((key) => key.group === group)) {
      lines.push(
        `| ${keys.map((key) => code(keyLabel(key))).join(' or ')} | ${title} | ${code(reviewCommandId(action))} |`,
      );
    }
  }
  for (const [page, registry] of [
    ['In the Chain Table', CHAINS_KEYS],
    ['In Calibrate Classifier', CALIBRATE_KEYS],
    ['In the Prompt Workbench', WORKBENCH_KEYS],
  ] as const) {
    lines.push('', `## ${page}`, '', '| Key | What it does |', '|---|---|');
    for (const { keys, title } of registry) {
      lines.push(`| ${keys.map((key) => code(keyLabel(key))).join(' or ')} | ${title} |`);
    }
  }
  lines.push('', '## Anywhere', '', '| Key | On macOS | Command |', '|---|---|---|');
  for (const { key, mac, command } of KEYBINDINGS) {
    lines.push(`| ${code(key)} | ${code(mac ?? key)} | ${code(command)} |`);
  }
  return `${lines.join('\n')}\n`;
}
