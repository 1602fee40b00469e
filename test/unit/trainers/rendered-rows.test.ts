import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskedParts } from '../../../src/core/training/mask.ts';
import { Renderer } from '../../../src/core/training/render.ts';
import { axolotl } from '../../../src/trainers/axolotl/axolotl.ts';
import { trainerOf } from '../../../src/trainers/index.ts';
import { llamaFactory } from '../../../src/trainers/llamafactory/llamafactory.ts';
import { codePointCount, renderedAnswers, renderedRows, withTags } from '../../../src/trainers/rows.ts';
import { swift } from '../../../src/trainers/swift/swift.ts';
import type { Trainer } from '../../../src/trainers/trainer.ts';
import { chatTemplate, FAMILIES, templatePath } from '../../fixtures/templates.ts';
import { trainedOf, trainingRows } from '../../fixtures/training-rows.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { DIST } from '../verbs/run.ts';
import { aRequest, configOf } from './a-request.ts';

const IN_THREAD = { distFolder: DIST, signal: new AbortController().signal };

/** What a trainer joins, with what it trains, from a row in its own form. */
const READ: Record<string, (row: object) => { text: string; train: boolean }[]> = {
  axolotl: (row) =>
    (row as { segments: { text: string; label: boolean }[] }).segments.map(({ text, label }) => ({
      text,
      train: label,
    })),
  swift: (row) =>
    (row as { messages: { content: string; loss?: boolean }[] }).messages.map(({ content, loss }) => ({
      text: content,
      train: loss ?? false,
    })),
  llamafactory: (row) =>
    (row as { messages: { role: string; content: string }[] }).messages.map(({ role, content }) => ({
      text: content,
      train: role === 'assistant',
    })),
};

async function modelFolder(family: (typeof FAMILIES)[number]): Promise<string> {
  const folder = await temporaryFolder();
  const tokens = { bos_token: '<s>', eos_token: family.eosToken };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(tokens));
  await copyFile(templatePath(family), join(folder, 'chat_template.jinja'));
  return folder;
}

describe.each([axolotl, swift, llamaFactory])('rows that Longhand renders for $name', (trainer: Trainer) => {
  test('are the rendered text of each family, and train exactly what the mask marks', async () => {
    if (!trainer.rendered) throw new Error('it renders rows itself');
    for (const family of FAMILIES) {
      const renderer = new Renderer(chatTemplate(family));
      const { row, close } = await renderedRows(await modelFolder(family), trainer.rendered, IN_THREAD);
      for (const { messages, loss_mask } of fc.sample(trainingRows, { numRuns: 8, seed: 4 })) {
        const parts = renderer.parts(messages, loss_mask);
        const { reasoning, content } = trainedOf(parts);
        const made = (await row({ messages, loss_mask })) as object | undefined;
        if (made === undefined) expect(reasoning + content).toBe('');
        else {
          const runs = READ[trainer.name]?.(made) ?? [];
          const trained = (of: readonly { text: string; train: boolean }[]): string =>
            of.map(({ text, train }) => (train ? text : '')).join('');
          const whole = parts.map(({ text }) => text).join('');
          expect(trained(runs)).toBe(trained(parts));
          expect(whole.startsWith(runs.map(({ text }) => text).join(''))).toBe(true);
          expect(runs[0]?.train).toBe(false);
        }
      }
      await close();
    }
  });

  test('go with a configuration that adds no template, and one that was edited is left as it is', () => {
    const { template } = trainer.config;
    expect(trainer.rendered?.accepts(template)).toBe(true);
    expect(trainer.rendered?.accepts(configOf(trainer, aRequest({ rendered: true })))).toBe(true);
    expect(trainer.rendered?.accepts(configOf(trainer, aRequest()))).toBe(false);
  });

  test('are refused with the reason where the template can’t render them', async () => {
    if (!trainer.rendered) throw new Error('it renders rows itself');
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'chat_template.jinja'), "{{ raise_exception('only tools') }}");
    const { row, close } = await renderedRows(folder, trainer.rendered, IN_THREAD);
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'y', reasoning_content: 'z' },
    ];
    await expect(row({ messages })).rejects.toThrow(/can't render the rows: .*only tools/);
    await close();
  });
});

test('a thought in tags has the same mask on its text', () => {
  fc.assert(
    fc.property(trainingRows, ({ messages, loss_mask, thought, trained }) => {
      const row = withTags({ messages, loss_mask });
      const content = row.messages.at(-1)?.content ?? '';
      const kept = maskedParts(content, row.loss_mask ?? [])
        .map(({ text, train }) => (train ? text : ''))
        .join('');
      const isCutOff = messages.at(-1)?.content === '';
      const tags = trained.reasoning === '' ? ['', ''] : ['<think>\n', isCutOff ? '' : '\n</think>\n\n'];
      expect(kept).toBe(
        thought === '' ? trained.content : `${tags[0]}${trained.reasoning}${tags[1]}${trained.content}`,
      );
      expect(row.messages.at(-1)).not.toHaveProperty('reasoning_content');
    }),
  );
});

test('code points are counted without an array of them', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '𝑥', '\ud835', '\udc65')), (parts) => {
      const text = parts.join('');
      expect(codePointCount(text)).toBe([...text].length);
    }),
  );
});

describe('pairs that Longhand renders for LLaMA-Factory', () => {
  const prompt = [{ role: 'user' as const, content: 'Q' }];
  const chosen = [{ role: 'assistant' as const, content: 'C', reasoning_content: 'R' }];
  const rejected = [{ role: 'assistant' as const, content: 'D' }];

  test('are prompt and answers of each family, with the thought once and the end that the model must write', () => {
    for (const family of FAMILIES) {
      const renderer = new Renderer(chatTemplate(family));
      const conversations = [chosen, rejected].map((answer) => renderer.parts([...prompt, ...answer], []));
      const { prompt: asked, answers } = renderedAnswers(conversations);
      const [right = '', wrong = ''] = answers;
      const whole = conversations.map((parts) => parts.map(({ text }) => text).join(''));
      expect([asked + right, asked + wrong].every((text, i) => whole[i]?.startsWith(text))).toBe(true);
      expect(right, family.file).toMatch(/R[^RC]*C/);
      expect(right.match(/R/g), family.file).toHaveLength(1);
      expect(right.endsWith(family.eosToken), family.file).toBe(true);
      expect(wrong.endsWith(`D${family.eosToken}`) || wrong.endsWith(`D\n${family.eosToken}`), family.file).toBe(true);
      expect(`${asked}${right}`.match(/<think>\s*<think>/), family.file).toBeNull();
    }
  });

  test('become rows of a template that adds nothing', async () => {
    const family = FAMILIES.find(({ file }) => file === 'qwen3-thinking-2507');
    if (!family) throw new Error('no such family');
    const folder = await modelFolder(family);
    for (const [objective, given, expected] of [
      [
        'dpo',
        { prompt, chosen, rejected: chosen },
        {
          chosen: { role: 'assistant', content: 'R\n</think>\n\nC<|im_end|>' },
          rejected: { role: 'assistant', content: 'R\n</think>\n\nC<|im_end|>' },
        },
      ],
      ['kto', { prompt, completion: chosen, label: false }, { kto_tag: false }],
    ] as const) {
      const { rendered } = trainerOf('llamafactory', objective);
      if (!rendered) throw new Error('it renders rows itself');
      const { row, close } = await renderedRows(folder, rendered, IN_THREAD);
      const made = await row(given).finally(close);
      expect(made).toMatchObject({
        ...expected,
        messages: [
          { role: 'user', content: expect.stringMatching(/assistant\n<think>\n$/) },
          ...(objective === 'kto' ? [{ role: 'assistant' }] : []),
        ],
      });
    }
  });

  test('get a warning where a configuration lets LLaMA-Factory render them', () => {
    const trainer = trainerOf('llamafactory', 'dpo');
    expect(trainer.checkConfig?.('template: empty\n')).toEqual([]);
    expect(trainer.checkConfig?.('template: null\n')).toMatchObject([{ id: 'template', state: 'warning' }]);
  });
});
