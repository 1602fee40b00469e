import { describe, expect, test } from 'vitest';
import { editableConfig } from '../../../src/core/training/editable-config.ts';
import { fillTemplate } from '../../../src/core/training/template.ts';

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
  test('gives the same configuration again, and that of another run for another run', () => {
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

  test('of a job elsewhere leaves single dots alone', () => {
    const config = 'rows: "./rows.jsonl"\nrate: 0.5\n';
    const elsewhere = { 'run.out': './results', 'run.dir': '.' };
    expect(editableConfig(config, elsewhere)).toBe(config);
  });
});
