import { describe, expect, test } from 'vitest';
import { fillTemplate } from '../../../src/core/text/fill-template.ts';
import { editableConfig } from '../../../src/core/training/config-places.ts';

const places = (run: string) => {
  const folder = `/data/it's "mine"/runs/${run}`;
  return {
    'run.progress': `${folder}/progress.jsonl`,
    'run.out': `${folder}/out`,
    'dataset.path': `${folder}/job/rows.jsonl`,
    'run.dir': `${folder}/job`,
  };
};
const variables = (run: string) => ({ ...places(run), epochs: 2 });
const TEMPLATE = `rows: \${dataset.path:json}\noutput_dir: \${run.out:json}\nepochs: \${epochs}\nprice: "$\${x}"\n`;

describe('a configuration to be edited', () => {
  test('fills to the same configuration for its run, and to that of another run', () => {
    const filled = fillTemplate(TEMPLATE, variables('1-sft'));
    const text = editableConfig(filled, places('1-sft'));
    expect(text).toContain(`output_dir: \${run.out:json}`);
    expect(text).toContain('epochs: 2');
    expect(fillTemplate(text, variables('1-sft'))).toBe(filled);
    expect(fillTemplate(text, variables('2-sft'))).toBe(fillTemplate(TEMPLATE, variables('2-sft')));
  });

  test('finds the folder within a longer value', () => {
    const text = editableConfig('args: --out=/d/runs/1-a/job/x', { 'run.dir': '/d/runs/1-a/job' });
    expect(text).toBe(`args: --out=\${run.dir}/x`);
  });

  test('keeps single dots for a run in a relative folder', () => {
    const config = 'rows: "./rows.jsonl"\nrate: 0.5\n';
    const elsewhere = { 'run.out': './results', 'run.dir': '.' };
    expect(editableConfig(config, elsewhere)).toBe(config);
  });
});
