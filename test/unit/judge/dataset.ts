import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chain, Span } from '../../../src/core/schemas/index.ts';
import { Dataset } from '../../../src/store/index.ts';
import type { Received, Scripted } from '../../fixtures/server.ts';
import { chain, plan } from '../store/fixtures.ts';
import { newDataset } from '../verbs/run.ts';

/** Values that a judge must not see. */
export const GOLD = '424242';
export const SOLUTION = 'only the worked solution says this';
export const ROUND = '0-first';

/** `count` sentences. Every fourth checks and every fifth plans. Each names the chain, so that all windows differ. */
export function textOf(name: string, count: number): string {
  const sentences = Array.from({ length: count }, (_, i) => {
    if (i % 4 === 3) return `Let me check step ${i} of ${name}.`;
    return i % 5 === 4 ? `Next I need part ${i} of ${name}.` : `Step ${i} of ${name} adds one.`;
  });
  return sentences.join(' ');
}

/** A dataset with one problem and a round of chains with these texts, by their ids. */
export async function datasetOf(texts: Readonly<Record<string, string>>, spans: Span[] = []): Promise<Dataset> {
  const folder = await newDataset();
  await mkdir(join(folder, 'problems'), { recursive: true });
  const problem = { id: 'p1', problem: 'How many steps are there?', answer: GOLD, solution: SOLUTION };
  await writeFile(join(folder, 'problems', 'p.jsonl'), `${JSON.stringify(problem)}\n`);
  const dataset = await Dataset.open(folder);
  await dataset.createRound(plan(ROUND));
  await dataset.appendChains(ROUND, chainsOf(texts, spans));
  await dataset.refresh();
  return dataset;
}

export function chainsOf(texts: Readonly<Record<string, string>>, spans: Span[] = []): Chain[] {
  return Object.entries(texts).map(([id, text]) => chain(id, { text, spans, round: ROUND }));
}

/** Settings of a judge that uses a scripted server, with windows of ten sentences. */
export function judgeAt(baseURL: string) {
  const model = { kind: 'openai' as const, baseURL, model: 'scripted' };
  const sampling = { temperature: 0, topP: 1, maxTokens: 500 };
  return { model, sentences: 10, context: 3, secondPass: false, sampling, concurrency: 2, idleTimeoutSeconds: 5 };
}

interface Message {
  role: string;
  content: string;
}

export const messagesOf = ({ body }: Received): Message[] => body.messages as Message[];

/** The numbered sentences that a request asks about. A retry asks about those of the first request. */
export function askedIn(request: Received): [number, string][] {
  const messages = messagesOf(request);
  const asking = messages.findLast(({ role, content }) => role === 'user' && content.includes('Sentences to label:'));
  const part = asking?.content.split('Sentences to label:')[1] ?? '';
  return [...part.matchAll(/^\[(\d+)\] (.*)$/gm)].map(([, n, words]) => [Number(n), words ?? '']);
}

/** The correct labels for `textOf`. */
export function answerTo(request: Received): Scripted {
  const labels = askedIn(request).map(([n, words]) => {
    const kinds = words.startsWith('Let me check') ? ['verification'] : words.startsWith('Next') ? ['subgoal'] : [];
    return [String(n), kinds];
  });
  return { content: JSON.stringify({ labels: Object.fromEntries(labels) }) };
}
