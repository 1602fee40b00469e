import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXPORT_FORMS, type FormId, type Manifest } from '../../../src/core/export/index.ts';
import { SourceMarkers } from '../../../src/core/sampling/index.ts';
import { RoundSummary } from '../../../src/core/schemas/index.ts';
import { openSource } from '../../../src/store/source/index.ts';
import { print } from '../../../src/verbs/export/export.ts';
import { act, chain, grade, newDataset, plan, problem } from '../store/fixtures.ts';
import { open, run, temporaryFolder } from './run.ts';

/** The sample dataset with two accepted chains and a rejected one of another problem. */
async function reviewed(): Promise<{ dataset: string; accepted: string[]; rejected: string }> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  const [one = '', two = '', three = ''] = opened.index.chains().map(({ id }) => id);
  for (const id of [one, two]) await opened.appendReview(act('r1', id, { act: 'accept' }));
  await opened.appendReview(act('r1', three, { act: 'reject', reason: 'wrong' }));
  return { dataset, accepted: [one, two], rejected: three };
}

/** The sample dataset with an accepted chain, and a short rejected one of its problem. */
async function withWrong(): Promise<{ dataset: string; accepted: string; wrong: string }> {
  const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
  const opened = await open(dataset);
  const accepted = opened.index.chains()[0]?.id ?? '';
  const right = await opened.chain(accepted);
  const text = 'I guess. \\boxed{0}';
  const segments = [{ piece: 'trace', start: 0, end: text.length, train: true }];
  const wrong = { ...right, id: 'wrong', text, segments, spans: [], passed: false };
  await opened.appendChains('0-handwritten', [wrong]);
  await opened.appendReview(act('r1', accepted, { act: 'accept' }));
  await opened.appendReview(act('r1', 'wrong', { act: 'reject' }));
  return { dataset, accepted, wrong: 'wrong' };
}

const MODEL = { kind: 'openai', baseURL: 'http://127.0.0.1:1/v1', model: 'm' } as const;
const NONE = { FT: 0, TT: 0, TF: 0, FF: 0 };

/** The columns of four problems: solved, solved now and then, with a suspect gold answer, and not sampled. */
const RATES = [
  { id: 'easy', samples: 8, correct: 8, pass_rate: 0.9, triage: 'solved' },
  { id: 'hard', samples: 8, correct: 2, pass_rate: 0.3, triage: 'solved' },
  { id: 'suspect', samples: 8, correct: 0, pass_rate: 0.1, triage: 'suspect-gold' },
  { id: 'new', samples: 0, correct: 0, pass_rate: null, triage: 'not-sampled' },
];

async function sampledProblems(): Promise<string> {
  const opened = await newDataset();
  await opened.saveSettings({ model: MODEL });
  await mkdir(opened.problemsFolder, { recursive: true });
  const problems = RATES.map(({ id }) => `${JSON.stringify(problem(id))}\n`);
  await writeFile(join(opened.problemsFolder, 'p.jsonl'), problems.join(''));
  const round = '1-first';
  await opened.createRound(plan(round, { model: MODEL, problemIds: RATES.map(({ id }) => id) }));
  const grades = RATES.flatMap(({ id, samples, correct }) =>
    Array.from({ length: samples }, (_, i) => grade(`${id}-${i}`, id, i < correct ? 'correct' : 'incorrect')),
  );
  await opened.appendGrades(round, grades);
  const counts = { covered: { before: 0, after: 2 }, buckets: [], unreadable: [], failed: [], left: {}, kept: 0 };
  const replies = { samples: 24, requests: 24, correct: 10, incorrect: 14, truncated: 0, ungraded: 0 };
  const vote = { problemId: 'suspect', vote: [{ answer: '3', count: 8 }], share: 1, answers: 8 };
  const summary = RoundSummary.parse({
    ...{ version: 1, round, finishedAt: '2026-01-01T01:00:00.000Z', calls: 24, completionTokens: 24, seconds: 1 },
    ...{ problems: 4, problemsWithoutChain: 4, chains: 0, chainsPassed: 0, pairs: NONE, assembled: NONE, kept: NONE },
    quotaDropped: [],
    sampling: {
      ...{ ended: { how: 'finished' }, suspectGold: [vote], promptTokens: 1, completionTokens: 1 },
      ...counts,
      ...replies,
    },
  });
  await opened.writeSummary(round, summary);
  await opened.close();
  return opened.folder;
}

/** The rows of every file of an export, checked by the schema of its form. */
async function rowsOf(folder: string, form: FormId): Promise<Record<string, unknown>[]> {
  const names = await readdir(folder, { recursive: true });
  const rows: Record<string, unknown>[] = [];
  for (const { name, row } of EXPORT_FORMS[form].files) {
    if (!names.includes(name)) continue;
    for (const line of (await readFile(join(folder, name), 'utf8')).trim().split('\n')) {
      rows.push(row.parse(JSON.parse(line)) as Record<string, unknown>);
    }
  }
  return rows;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
}

describe('forms of an export', { timeout: 60_000 }, () => {
  test('sft: the default, in three files that fit their schemas', async () => {
    const { dataset, accepted } = await reviewed();
    const { folder, rows } = await run('export', { dataset, select: 'accepted' });
    expect(Object.keys(rows)).toHaveLength(3);
    expect(new Set((await rowsOf(folder, 'sft')).map(({ id }) => id))).toEqual(new Set(accepted));
    expect((await manifestOf(folder)).form).toBe('sft');
  });

  test('kto: accepted chains are desirable, rejected ones are not, and others are excluded', async () => {
    const { dataset, accepted, rejected } = await reviewed();
    const { folder, chains, warnings } = await run('export', { dataset, select: 'accepted', form: 'kto' });
    expect(chains).toBe(3);
    expect(warnings.wrongAnswer).toBe(0);
    const rows = await rowsOf(folder, 'kto');
    expect(Object.fromEntries(rows.map(({ id, label }) => [id, label]))).toEqual({
      ...Object.fromEntries(accepted.map((id) => [id, true])),
      [rejected]: false,
    });
    const { form, counts, files } = await manifestOf(folder);
    expect(form).toBe('kto');
    expect(counts.byLabel).toEqual({ true: 2, false: 1 });
    expect(files['train.kto.jsonl']?.rows).toBe(3);
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('data_files: train.kto.jsonl\n  default: true');
    expect(card).not.toContain('train.messages.jsonl');
  });

  test.each([{ passRate: '0.1-0.9' }, { suspects: true }, { pairs: 'edits' }, { pairsPerProblem: 2 }] as const)(
    'sft: refuses %j, which it does not use',
    async (choice) => {
      const { dataset } = await reviewed();
      await expect(run('export', { dataset, select: 'accepted', ...choice })).rejects.toThrow('and the form sft has');
    },
  );

  test('kto and dpo: all text is trained, planned and written', async () => {
    const { dataset, accepted, wrong } = await withWrong();
    const opened = await open(dataset);
    const [right, other] = [await opened.chain(accepted), await opened.chain(wrong)];
    expect(right.segments.some(({ train }) => !train)).toBe(true);
    const sizes = { trained: right.text.length + other.text.length, masked: 0 };
    for (const form of ['kto', 'dpo'] as const) {
      const args = { dataset, select: 'accepted', form } as const;
      expect(await run('export', { ...args, plan: true })).toMatchObject({ ...sizes, plan: { tokens: { masked: 0 } } });
      expect(await run('export', args)).toMatchObject(sizes);
    }
  });

  test('kto and dpo: have no sources of rows', async () => {
    const { dataset } = await reviewed();
    for (const form of ['kto', 'dpo'] as const) {
      const exported = run('export', { dataset, select: 'accepted', form, source: 'merged' });
      await expect(exported).rejects.toThrow('has no sources of rows');
    }
  });

  test.each(['sft', 'kto', 'dpo'] as const)('%s: each problem ends with the sentence of --marker', async (form) => {
    const { dataset } = await withWrong();
    const { sampling } = SourceMarkers.parse({});
    const args = { dataset, select: 'accepted', form, marker: 'sampling' } as const;
    const { plan: planned } = await run('export', { ...args, plan: true });
    for (const { problem: question } of planned?.preview ?? []) expect(question.endsWith(sampling)).toBe(true);
    const { folder } = await run('export', args);
    const rows = await rowsOf(folder, form);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const { prompt, messages = prompt } = row as Record<string, string | { content: string }[]>;
      const question = typeof messages === 'string' ? messages : messages?.[0]?.content;
      expect(question).toMatch(typeof messages === 'string' ? `\n\n${sampling}\n\n` : new RegExp(`\n\n${sampling}$`));
      expect(row).not.toHaveProperty('source');
    }
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(`Each problem ends with “${sampling}”.`);
  });

  test('kto: rows with one label are a warning with what to do, before and after they are written', async () => {
    const { dataset } = await run('sample', { dataset: join(await temporaryFolder(), 'sample') });
    const opened = await open(dataset);
    const [one = '', two = ''] = opened.index.chains().map(({ id }) => id);
    await opened.appendReview(act('r1', one, { act: 'accept' }));
    const args = { dataset, select: 'accepted', form: 'kto' } as const;
    const planned = await run('export', { ...args, plan: true });
    expect(planned.plan?.trouble).toEqual({
      message: 'Every row has the label true. A training needs both labels.',
      advice: 'Reject wrong chains, or select chains that passed the filters (--select passed).',
    });
    const written = await run('export', args);
    expect(written.trouble).toEqual(planned.plan?.trouble);
    for (const result of [planned, written]) expect(print(result)).toContain('Warning: Every row has the label true');
    // Other forms have no labels.
    expect((await run('export', { ...args, form: 'sft' })).trouble).toBeUndefined();
    await opened.appendReview(act('r1', two, { act: 'reject', reason: 'wrong' }));
    expect((await run('export', { ...args, plan: true })).plan?.trouble).toBeUndefined();
    expect((await run('export', args)).trouble).toBeUndefined();
    await opened.appendReview(act('r1', one, { act: 'reject', reason: 'wrong' }));
    expect((await run('export', args)).trouble).toMatchObject({
      message: 'Every row has the label false. A training needs both labels.',
      advice: expect.stringContaining('Accept right chains'),
    });
  });

  test('dpo: a plan without pairs has the advice of the export', async () => {
    const { dataset } = await reviewed();
    const args = { dataset, select: 'accepted', form: 'dpo' } as const;
    const { plan: planned } = await run('export', { ...args, plan: true });
    expect(planned).toMatchObject({ train: { rows: 0 }, trouble: { message: 'No two of 3 chains make a pair.' } });
    await expect(run('export', args)).rejects.toMatchObject(planned?.trouble ?? {});
  });

  test('a choice that the form does not use is refused', async () => {
    const dataset = await sampledProblems();
    const exported = (given: object) => run('export', { dataset, select: 'accepted', form: 'grpo', ...given });
    // A folder that is none must not end an export that needs no template.
    await expect(exported({ model: '/none' })).rejects.toThrow('--model is about the thought of a message');
    await expect(exported({ leaveOut: ['truncated'] })).rejects.toThrow('--leave-out is about chains');
    await expect(exported({ form: 'kto', unmasked: true })).rejects.toThrow('--unmasked is about the loss mask');
    await expect(exported({ form: 'sft', suspects: true })).rejects.toThrow('--suspects is about problem sets');
    await exported({ leaveOut: ['contaminated'], suspects: false, plan: true });
  });

  test('grpo: the plan shows the first problems with the columns that have a value', async () => {
    const dataset = await sampledProblems();
    const result = await run('export', { dataset, select: 'accepted', form: 'grpo', plan: true });
    const [easy] = result.plan?.preview ?? [];
    expect(easy).toMatchObject({ id: 'easy', answer: expect.any(String) });
    expect(easy?.facts).toEqual(
      expect.arrayContaining([
        { name: 'pass_rate', value: '0.9' },
        { name: 'samples', value: '8' },
        { name: 'triage', value: 'solved' },
      ]),
    );
    expect(easy?.facts?.map(({ name }) => name)).not.toContain('topic');
    expect(print(result)).toContain('pass_rate 0.9');
    const none = await run('export', { dataset, select: 'accepted', form: 'grpo', passRate: '0-0.1', plan: true });
    expect(none.plan?.trouble?.message).toBe('None of 4 problems can be exported.');
  });

  test('verl: refuses --marker, which it does not use', async () => {
    const exported = run('export', {
      dataset: await sampledProblems(),
      select: 'passed',
      form: 'verl',
      marker: 'sampling',
    });
    await expect(exported).rejects.toThrow('--marker is about chains');
  });

  test('dpo: an accepted chain with a rejected one of its problem', async () => {
    const { dataset, wrong, accepted } = await withWrong();
    const { folder, chains, rows } = await run('export', { dataset, select: 'accepted', form: 'dpo' });
    expect({ chains, rows }).toEqual({ chains: 2, rows: { 'train.dpo.jsonl': 1 } });
    const [row] = await rowsOf(folder, 'dpo');
    expect(row).toMatchObject({ chosen_id: accepted, rejected_id: wrong });
    expect(row?.chosen).not.toEqual(row?.rejected);
    const manifest = await manifestOf(folder);
    expect(manifest.counts).toMatchObject({ pairs: 1, byLabel: { true: 1, false: 1 } });
    expect(manifest.selection.pairs).toEqual({ pairing: 'samples', perProblem: 4, seed: 42 });
    // The two have very different lengths.
    const none = run('export', { dataset, select: 'accepted', form: 'dpo', pairs: 'length' });
    await expect(none).rejects.toThrow('make a pair');
  });

  test('dpo: the plan and the files have the chains of pairs only, and list the others', async () => {
    const { dataset, accepted, wrong } = await withWrong();
    const opened = await open(dataset);
    const alone = opened.index
      .chains()
      .find(({ id, problemId }) => id !== wrong && problemId !== opened.index.chain(wrong)?.problemId);
    await opened.appendReview(act('r1', alone?.id ?? '', { act: 'accept' }));
    const args = { dataset, select: 'accepted', form: 'dpo' } as const;
    const planned = await run('export', { ...args, plan: true });
    expect(planned).toMatchObject({
      ...{ chains: 2, left: { unpaired: 1 } },
      plan: { train: { rows: 1, problems: 1 }, selected: 3, left: { unpaired: 1 }, atMost: false },
    });
    expect(Object.values(planned.plan?.classes ?? {}).reduce((sum, rows) => sum + rows, 0)).toBe(2);
    const { folder, chains, trained, left } = await run('export', args);
    expect({ chains, trained, left }).toEqual({ chains: 2, trained: planned.trained, left: { unpaired: 1 } });
    const [row] = await rowsOf(folder, 'dpo');
    expect(row).toMatchObject({ chosen_id: accepted, rejected_id: wrong });
    const listed = JSON.parse(await readFile(join(folder, 'left-out.jsonl'), 'utf8'));
    expect(listed).toMatchObject({ id: alone?.id, reason: 'unpaired' });
  });

  test('dpo: two chains with one text are no pair, and listed with the reason', async () => {
    const { dataset, accepted, wrong } = await withWrong();
    const opened = await open(dataset);
    const right = await opened.chain(accepted ?? '');
    const again = { ...right, id: 'again', text: `${right.text}\n` };
    await opened.appendChains(right.round, [again]);
    await opened.appendReview(act('r1', again.id, { act: 'reject', reason: 'unclear' }));
    const args = { dataset, select: 'accepted', form: 'dpo' } as const;
    const planned = await run('export', { ...args, plan: true });
    expect(planned.plan).toMatchObject({ train: { rows: 1 }, left: { 'same-text': 1 } });
    expect(print(planned)).toContain('1 with the text of the chain to pair with');
    const { folder } = await run('export', args);
    expect(await rowsOf(folder, 'dpo')).toMatchObject([{ chosen_id: accepted, rejected_id: wrong }]);
    const listed = JSON.parse(await readFile(join(folder, 'left-out.jsonl'), 'utf8'));
    expect(listed).toMatchObject({ id: 'again', reason: 'same-text' });
  });

  test('dpo: the card counts the pairs for validation', async () => {
    const { dataset } = await withWrong();
    const opened = await open(dataset);
    const [first, other] = opened.index.chains();
    const right = await opened.chain(first?.id ?? '');
    const next = opened.index.chains().find(({ problemId }) => problemId !== first?.problemId) ?? other;
    const wrongs = [1, 2].map((n) => ({
      ...right,
      id: `wrong-${n}`,
      problemId: next?.problemId ?? '',
      text: `I guess ${n}.`,
      segments: [{ piece: 'trace', start: 0, end: 10, train: true }],
      spans: [],
    }));
    await opened.appendChains('0-handwritten', wrongs);
    await opened.appendReview(act('r1', next?.id ?? '', { act: 'accept' }));
    for (const { id } of wrongs) await opened.appendReview(act('r1', id, { act: 'reject' }));
    const { folder, rows } = await run('export', { dataset, select: 'accepted', form: 'dpo', validation: 0.5 });
    const { validation } = (await manifestOf(folder)).selection;
    expect(validation?.rows).toBe(rows['validation.dpo.jsonl']);
    expect(validation?.problems).toBe(1);
  });

  test('sharegpt: the plan has rows at most where masked text may follow trained text', async () => {
    const { dataset } = await reviewed();
    for (const [form, atMost] of [
      ['sharegpt', true],
      ['sft', false],
      ['kto', false],
    ] as const) {
      const planned = await run('export', { dataset, select: 'passed', form, plan: true });
      expect(planned.plan?.atMost, form).toBe(atMost);
      expect(print(planned).includes('at most'), form).toBe(atMost);
    }
  });

  test('dpo: a text with the text before its edit', async () => {
    const { dataset, accepted } = await reviewed();
    const opened = await open(dataset);
    const [one = ''] = accepted;
    const before = (await opened.chain(one)).text;
    const changes = [{ start: 0, end: 0, insert: 'First, ' }];
    await opened.appendReview(act('r1', one, { act: 'edit', changes }));
    const args = { dataset, select: 'accepted', form: 'dpo', pairs: 'edits' } as const;
    const { plan: shown } = await run('export', { ...args, plan: true });
    const starts = shown?.preview.map(({ label, parts }) => [label, parts[0]?.text.startsWith('First, ')]);
    expect(starts).toEqual([
      [true, true],
      [false, false],
    ]);
    const { folder } = await run('export', args);
    expect(await rowsOf(folder, 'dpo')).toMatchObject([
      { chosen_id: one, rejected_id: one, chosen: [{ content: `First, ${before}` }], rejected: [{ content: before }] },
    ]);
  });

  test.each(['sharegpt', 'alpaca', 'openai', 'together', 'fireworks'] as const)(
    '%s: question and answer, with masked text in the question',
    async (form) => {
      const { dataset } = await reviewed();
      const sft = await run('export', { dataset, select: 'passed' });
      const made = await run('export', { dataset, select: 'passed', form });
      const prefix = (await readFile(join(sft.folder, 'train.prefix.jsonl'), 'utf8')).trim().split('\n');
      const rows = await rowsOf(made.folder, form);
      expect(rows.length).toBe(prefix.length);
      const turns = prefix.map((line) => JSON.parse(line) as { prompt: string; completion: string });
      // A chain without masked text has a blank line after the question there.
      expect(turns.some(({ prompt }) => prompt.endsWith('\n\n'))).toBe(true);
      for (const [at, { prompt, completion }] of turns.entries()) {
        const texts = JSON.stringify(rows[at]);
        expect(texts).toContain(JSON.stringify(prompt.replace(/\n\n$/, '')));
        expect(texts).toContain(JSON.stringify(completion));
      }
    },
  );

  test('openai: a chain that the form can’t express is listed, and is the reason where no other has a row', async () => {
    const { dataset, accepted } = await reviewed();
    const opened = await open(dataset);
    const chain = await opened.chain(accepted[0] ?? '');
    const half = chain.text.length >> 1;
    const segments = [
      { piece: 'trace', start: 0, end: half, train: true },
      { piece: 'trace', start: half, end: chain.text.length, train: false },
    ];
    await opened.appendChains('0-handwritten', [{ ...chain, id: 'late-mask', segments, spans: [] }]);
    await opened.appendReview(act('r1', 'late-mask', { act: 'accept' }));
    const { folder, chains, left } = await run('export', { dataset, select: 'accepted', form: 'openai' });
    expect({ chains, left }).toEqual({ chains: 2, left: { form: 1 } });
    const listed = JSON.parse(await readFile(join(folder, 'left-out.jsonl'), 'utf8'));
    expect(listed).toMatchObject({ id: 'late-mask', reason: 'form' });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('1 that the form can’t express');
    // The plan shows the rows as they are written.
    const { plan: planned } = await run('export', { dataset, select: 'accepted', form: 'openai', plan: true });
    const rows = (await rowsOf(folder, 'openai')) as { messages: { content: string }[] }[];
    expect(planned?.preview.map(({ problem, parts }) => [problem, parts[0]?.text])).toEqual(
      rows.map(({ messages }) => messages.map(({ content }) => content)),
    );
    const none = run('export', { dataset, select: 'accepted', form: 'openai', chains: ['late-mask'] });
    await expect(none).rejects.toMatchObject({
      message: 'None of the chains can be exported: 1 that the form can’t express.',
      advice: expect.stringMatching(/^Export in the form sft/),
    });
    const masked = ['late-2', 'late-3', 'late-4'];
    const others = masked.map((id) => ({ ...chain, id, segments, spans: [] }));
    await opened.appendChains('0-handwritten', [...others, { ...chain, id: 'whole' }]);
    const all = [...masked, 'whole'];
    const { plan: behind } = await run('export', {
      dataset,
      select: 'passed',
      form: 'openai',
      chains: all,
      plan: true,
    });
    expect(behind?.preview.map(({ id }) => id)).toEqual(['whole']);
  });

  test('kto: the card of chains that people only rejected states that people decided', async () => {
    const { dataset, accepted, rejected } = await reviewed();
    const opened = await open(dataset);
    for (const id of accepted) await opened.appendReview(act('r1', id, { act: 'reject' }));
    const { folder } = await run('export', { dataset, select: 'passed', form: 'kto', chains: [...accepted, rejected] });
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('3 chains have decisions or labels of people. None is accepted.');
  });

  test('a form keeps the same bytes and folder when nothing changed', async () => {
    const { dataset } = await reviewed();
    for (const form of ['kto', 'verifiers'] as const) {
      const once = await run('export', { dataset, select: 'accepted', form });
      expect(await run('export', { dataset, select: 'accepted', form })).toEqual(once);
    }
  });
});

describe('steps of chains', { timeout: 60_000 }, () => {
  const STEPS = ['First, 2 + 2 = 4.', 'Then, 4 + 1 = 6.', 'So it is 6.'];
  const place = (at: number) => {
    const start = STEPS.slice(0, at).join('\n\n').length + (at === 0 ? 0 : 2);
    return { start, end: start + (STEPS[at]?.length ?? 0) };
  };

  /** Chains of three steps: one with a wrong step, one without, one with two labels, one with a right step after a wrong one, one without labels, and two whose text was edited. */
  async function stepped(): Promise<string> {
    const opened = await newDataset();
    await mkdir(opened.problemsFolder, { recursive: true });
    await writeFile(join(opened.problemsFolder, 'p.jsonl'), `${JSON.stringify(problem('p1'))}\n`);
    await opened.createRound(plan('0-first'));
    const ids = ['wrong', 'right', 'partly', 'later', 'none', 'edited', 'others'];
    await opened.appendChains(
      '0-first',
      ids.map((id) => chain(id, { text: STEPS.join('\n\n') })),
    );
    const undone = act('r1', 'none', { act: 'step', ...place(0), label: 'good' });
    await opened.appendReviews([
      act('r1', 'wrong', { act: 'first-wrong-step', place: place(1) }),
      act('r1', 'wrong', { act: 'reject' }),
      act('r1', 'right', { act: 'first-wrong-step', place: 'none' }),
      act('r1', 'partly', { act: 'step', ...place(0), label: 'neutral' }),
      act('r1', 'partly', { act: 'step', ...place(2), label: 'good' }),
      act('r1', 'later', { act: 'step', ...place(0), label: 'neutral' }),
      act('r1', 'later', { act: 'step', ...place(1), label: 'bad' }),
      act('r1', 'later', { act: 'step', ...place(2), label: 'good' }),
      undone,
      act('r1', 'none', { act: 'undo', target: undone.id }),
      act('r1', 'edited', { act: 'edit', changes: [{ start: 0, end: 5, insert: 'Firstly' }] }),
      act('r1', 'edited', { act: 'first-wrong-step', place: { start: place(1).start + 2, end: place(1).end + 2 } }),
      act('r1', 'others', { act: 'first-wrong-step', place: place(1) }),
    ]);
    const changes = [{ start: 0, end: 5, insert: 'Firstly' }];
    await opened.appendReviews([act('r2', 'others', { act: 'edit', changes }), act('r2', 'others', { act: 'accept' })]);
    await opened.close();
    return opened.folder;
  }

  test('stepwise: up to the first wrong step, or to the first one without a label', async () => {
    const args = { dataset: await stepped(), select: 'accepted', form: 'stepwise' } as const;
    const { plan: planned } = await run('export', { ...args, plan: true });
    expect(planned?.train.rows).toBe(6);
    // Of one chain, only some steps have a label.
    expect(planned?.atMost).toBe(true);
    const { folder, chains, warnings } = await run('export', args);
    expect(chains).toBe(6);
    expect(warnings.filteredOut).toBe(0);
    const rows = await rowsOf(folder, 'stepwise');
    expect(rows.map(({ id, completions, labels }) => ({ id, completions, labels }))).toEqual([
      { id: 'wrong', completions: STEPS.slice(0, 2), labels: [true, false] },
      { id: 'right', completions: STEPS, labels: [true, true, true] },
      { id: 'partly', completions: STEPS.slice(0, 1), labels: [true] },
      { id: 'later', completions: STEPS.slice(0, 2), labels: [true, false] },
      // A label counts on the text that it is of, whoever accepted another one.
      { id: 'edited', completions: ['Firstly, 2 + 2 = 4.', STEPS[1]], labels: [true, false] },
      { id: 'others', completions: STEPS.slice(0, 2), labels: [true, false] },
    ]);
    expect(rows[0]?.prompt).toBe('What is p1 plus one?');
  });

  test('prm800k: ratings, and how the labelling ended', async () => {
    const { folder } = await run('export', { dataset: await stepped(), select: 'accepted', form: 'prm800k' });
    const labels = (await rowsOf(folder, 'prm800k')).map(({ label }) => label) as {
      finish_reason: string;
      steps: { completions: { rating: number }[]; chosen_completion: number | null }[];
    }[];
    expect(labels.map(({ finish_reason }) => finish_reason)).toEqual([
      'found_error',
      'solution',
      'give_up',
      'found_error',
      'found_error',
      'found_error',
    ]);
    expect(labels.map(({ steps }) => steps.map(({ completions }) => completions[0]?.rating))).toEqual([
      [1, -1],
      [1, 1, 1],
      [0],
      [0, -1],
      [1, -1],
      [1, -1],
    ]);
    expect(labels[0]?.steps.map(({ chosen_completion }) => chosen_completion)).toEqual([0, null]);
  });

  test('the plan shows the steps of the first rows with their labels as they are written', async () => {
    const dataset = await stepped();
    for (const [form, bad, good] of [
      ['stepwise', 'false', 'true'],
      ['prm800k', '-1', '1'],
    ] as const) {
      const result = await run('export', { dataset, select: 'accepted', form, plan: true });
      const [first, second] = result.plan?.preview ?? [];
      expect(first).toMatchObject({ id: 'wrong', parts: [], problem: 'What is p1 plus one?' });
      expect(first?.steps).toEqual([
        { text: STEPS[0], label: good },
        { text: STEPS[1], label: bad },
      ]);
      expect(second?.steps?.map(({ text }) => text)).toEqual(STEPS);
      expect(print(result)).toContain(`[${good}] ${STEPS[0]}\n\n[${bad}] ${STEPS[1]}`);
    }
  });

  test('the plan and the terminal show what to do without labels', async () => {
    const { dataset } = await reviewed();
    const planned = await run('export', { dataset, select: 'passed', form: 'stepwise', plan: true });
    const { message, advice } = planned.plan?.trouble ?? {};
    expect(message).toBe('No chain has labels of its steps.');
    expect(print(planned)).toContain(`Warning: ${message} ${advice}`);
    await expect(run('export', { dataset, select: 'passed', form: 'stepwise' })).rejects.toMatchObject({
      ...{ message, advice },
    });
  });

  test('choices about thoughts are refused, which steps have none of', async () => {
    const dataset = await stepped();
    for (const given of [{ reasoning: 'tags' }, { pieces: 'thought' }, { model: '/none' }] as const)
      await expect(run('export', { dataset, select: 'accepted', form: 'prm800k', ...given })).rejects.toThrow(
        `--${Object.keys(given)[0]} is about the thought of a message`,
      );
  });

  test('without a label are refused with what to do', async () => {
    const { dataset } = await reviewed();
    const exported = run('export', { dataset, select: 'passed', form: 'stepwise' });
    await expect(exported).rejects.toThrow('No chain has labels of its steps');
  });
});

describe('problem sets', { timeout: 60_000 }, () => {
  test('grpo: every problem without a suspect gold answer, with the pass rate of the model', async () => {
    const dataset = await sampledProblems();
    const { folder } = await run('export', { dataset, select: 'accepted', form: 'grpo' });
    const rows = await rowsOf(folder, 'grpo');
    expect(
      rows.map(({ id, samples, correct, pass_rate, triage }) => ({ id, samples, correct, pass_rate, triage })),
    ).toEqual(RATES.filter(({ triage }) => triage !== 'suspect-gold'));
    const { selection, counts } = await manifestOf(folder);
    expect(selection).toMatchObject({ problems: { suspects: false }, left: { 'suspect-gold': 1 } });
    expect(counts).toMatchObject({ chains: 0, problems: rows.length });
    const left = await readFile(join(folder, 'left-out.jsonl'), 'utf8');
    expect(JSON.parse(left)).toMatchObject({ reason: 'suspect-gold' });
    const all = await run('export', { dataset, select: 'accepted', form: 'grpo', suspects: true });
    expect(await rowsOf(all.folder, 'grpo')).toHaveLength(rows.length + 1);
  });

  test('grpo: a band of pass rates excludes easy, hard and unsampled problems', async () => {
    const dataset = await sampledProblems();
    const { folder } = await run('export', { dataset, select: 'accepted', form: 'grpo', passRate: '0.2-0.6' });
    const inside = RATES.filter(
      ({ pass_rate, triage }) => triage === 'solved' && pass_rate !== null && pass_rate <= 0.6,
    );
    expect((await rowsOf(folder, 'grpo')).map(({ id }) => id)).toEqual(inside.map(({ id }) => id));
    expect(inside).toHaveLength(1);
    const none = run('export', { dataset, select: 'accepted', form: 'grpo', passRate: '0.97-0.98' });
    await expect(none).rejects.toThrow('can be exported');
  });

  test('grpo: a band of pass rates excludes a problem that all samples solved', async () => {
    const dataset = await sampledProblems();
    const { folder } = await run('export', { dataset, select: 'accepted', form: 'grpo', passRate: '0.1-0.9' });
    expect((await rowsOf(folder, 'grpo')).map(({ id }) => id)).toEqual(['hard']);
  });

  test('verl: Parquet with the members that its dataset class reads', async () => {
    const dataset = await sampledProblems();
    const { folder, rows } = await run('export', { dataset, select: 'accepted', form: 'verl' });
    expect(rows).toEqual({ 'train.verl.parquet': RATES.length - 1 });
    const read: unknown[] = [];
    for await (const row of (await openSource(join(folder, 'train.verl.parquet'))).rows())
      read.push('row' in row ? row.row : row);
    const parsed = read.map((row) => EXPORT_FORMS.verl.files[0]?.row.parse(row)) as {
      extra_info: { id: string; pass_rate: number | null };
    }[];
    const known = RATES.filter(({ triage }) => triage !== 'suspect-gold');
    expect(parsed.map(({ extra_info: { id, pass_rate } }) => [id, pass_rate])).toEqual(
      known.map(({ id, pass_rate }) => [id, pass_rate]),
    );
    expect(parsed[0]).toMatchObject({
      data_source: 'lighteval/MATH',
      reward_model: { ground_truth: '2' },
      extra_info: { index: 0 },
    });
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('| `train.verl.parquet` | 3 |');
    expect(card).toContain('data_files: train.verl.parquet');
    const lines = await run('export', { dataset, select: 'accepted', form: 'verl', files: 'jsonl' });
    expect(await rowsOf(lines.folder, 'verl')).toHaveLength(3);
  });

  test('verifiers: has the file that its code reads, whatever files are asked for', async () => {
    const dataset = await sampledProblems();
    const { rows } = await run('export', { dataset, select: 'accepted', form: 'verifiers', files: 'parquet' });
    expect(Object.keys(rows).sort()).toEqual([
      'longhand_problems/problems.jsonl',
      'longhand_problems/problems.parquet',
    ]);
  });

  test('refuses rounds that are not there, and choices about chains', async () => {
    const dataset = await sampledProblems();
    const grpo = { dataset, select: 'accepted', form: 'grpo' } as const;
    for (const plan of [true, false])
      await expect(run('export', { ...grpo, plan, rounds: ['1-frist'] })).rejects.toThrow('1-frist');
    await expect(run('export', { ...grpo, chains: ['c1'] })).rejects.toThrow('--chains is about chains');
    await expect(run('export', { ...grpo, source: 'merged' })).rejects.toThrow('--source is about chains');
    await expect(run('export', { ...grpo, pairs: 'edits' })).rejects.toThrow('--pairs is about pairs');
  });

  test('a plan has their number of rows', async () => {
    const planned = await run('export', {
      ...{ dataset: await sampledProblems(), select: 'accepted', form: 'grpo', plan: true },
    });
    expect(print(planned)).toContain('grpo: 3 rows.');
    expect(planned.plan?.preview).toMatchObject([
      { id: 'easy', parts: [], answer: '2' },
      { id: 'hard' },
      { id: 'new' },
    ]);
    expect(planned.plan?.preview[0]?.problem).toMatch(/^What is easy plus one\?\n/);
  });

  test('problems of a benchmark are a warning, and excluded if asked', async () => {
    const dataset = await sampledProblems();
    const text = 'A farmer has seventeen sheep and sells all but nine of them to a neighbour.';
    const { problemsFolder } = await open(dataset);
    await writeFile(join(problemsFolder, 'q.jsonl'), `${JSON.stringify({ ...problem('known'), problem: text })}\n`);
    await mkdir(join(dataset, 'benchmarks'), { recursive: true });
    await writeFile(join(dataset, 'benchmarks', 'b.jsonl'), `${JSON.stringify({ id: 'b1', problem: text })}\n`);
    const args = { dataset, select: 'accepted', form: 'grpo' } as const;
    const planned = await run('export', { ...args, plan: true });
    expect(planned.plan).toMatchObject({
      ...{ train: { rows: 4 }, selected: 4 },
      warnings: [{ id: 'contaminated', chains: 1, isLeftOut: false }],
    });
    expect(print(planned)).toContain('1 with text of a benchmark problem; --leave-out contaminated excludes them.');
    const dirty = await run('export', args);
    expect(dirty.warnings.contaminated).toBe(1);
    expect(await readFile(join(dirty.folder, 'README.md'), 'utf8')).toContain(
      'of these problems, 1 with text of a benchmark problem',
    );
    const without = await run('export', { ...args, leaveOut: ['contaminated'], name: 'clean' });
    expect((await rowsOf(without.folder, 'grpo')).map(({ id }) => id)).not.toContain('known');
    expect(without).toMatchObject({ warnings: { contaminated: 0 }, left: { 'suspect-gold': 1, warning: 1 } });
    expect((await manifestOf(without.folder)).selection.leftOut).toEqual(['contaminated']);
    const other = run('export', { ...args, leaveOut: ['wrong-answer'] });
    await expect(other).rejects.toThrow('--leave-out is about chains');
  });

  test('verifiers: a package with the problems', async () => {
    const dataset = await sampledProblems();
    const { folder, files } = await run('export', { dataset, select: 'accepted', form: 'verifiers', name: 'env' });
    expect(Object.keys(files).sort()).toEqual([
      'README.md',
      'left-out.jsonl',
      'longhand_problems/__init__.py',
      'longhand_problems/compare.py',
      'longhand_problems/grade.py',
      'longhand_problems/problems.jsonl',
      'longhand_problems/taskset.py',
      'manifest.json',
      'pyproject.toml',
    ]);
    expect(await rowsOf(folder, 'verifiers')).toHaveLength(RATES.length - 1);
  });
});
