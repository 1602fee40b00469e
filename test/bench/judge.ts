// `npm run bench judge -- --url=http://127.0.0.1:8000/v1 --model=NAME [--texts=20] [--concurrency=4]`: how well a model judges the four
// behaviours, by sentence, against the labels of scripts/behaviours/labels, through the prompt, windows and retries of `longhand judge`.
// Replies are stored in a journal in the cache folder: a stopped run resumes, and more texts cost only the new calls.
import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabelledText, readLabelledTexts, sharedFolder } from '../../scripts/behaviours/labels.ts';
import { confusion, line, merged, scoreOf } from '../../scripts/behaviours/metrics.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import { seedOf } from '../../src/core/dialogue/index.ts';
import { JUDGE_PROMPT, judgeWindows, numberSentences } from '../../src/core/review/judge/index.ts';
import {
  BEHAVIOURS,
  type Behaviour,
  hostOf,
  type Judge,
  JudgeCall,
  JudgeSettings,
  ModelRef,
} from '../../src/core/schemas/index.ts';
import { connect } from '../../src/models/connect.ts';
import { CachedClient } from '../../src/runner/calls/cached-client.ts';
import { Journal } from '../../src/runner/calls/journal.ts';
import { firstRequest, judgeWindow } from '../../src/runner/judge/window.ts';
import { promptsHash } from '../../src/runner/plan.ts';
import { CallCounts } from '../../src/runner/state.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    model: { type: 'string' },
    texts: { type: 'string', default: '20' },
    concurrency: { type: 'string', default: '4' },
  },
});

/** The labelled stretch of a text, by sentence: the judged kinds (undefined if the window failed) and the labels. */
interface Judged {
  model: string;
  kinds: (readonly Behaviour[] | undefined)[];
  labels: Record<Behaviour, Float64Array>;
}

const shared = sharedFolder();
if (!shared) console.log('skipped: the labelled texts are in ../shared/data, which is not here');
else if (!values.url || !values.model) console.log('skipped: name a model with --url=… and --model=…');
else await measure(shared, ModelRef.parse({ kind: 'openai', baseURL: values.url, model: values.model }));

async function measure(data: string, ref: ModelRef): Promise<void> {
  const settings = JudgeSettings.parse({ concurrency: Number(values.concurrency) });
  const prompt = await readFile(join(ROOT, 'media', 'prompts', `${JUDGE_PROMPT}.md`), 'utf8');
  const { sentences, context, sampling } = settings;
  const hash = promptsHash({ [JUDGE_PROMPT]: prompt });
  const judge: Judge = { host: hostOf(ref), model: ref.model, prompt: hash, sentences, context, sampling };
  const cache = process.env.LONGHAND_CACHE ?? join(homedir(), '.cache', 'longhand');
  await mkdir(join(cache, 'bench'), { recursive: true });
  const { signal } = new AbortController();
  const counts = new CallCounts();
  const client = await connect(ref, {
    idleTimeoutMs: settings.idleTimeoutSeconds * 1000,
    distFolder: join(ROOT, 'dist'),
    signal,
  });
  const journal = await Journal.open(join(cache, 'bench', 'judge.jsonl'), JudgeCall);
  const payer = new CachedClient({
    journal,
    client,
    concurrency: settings.concurrency,
    counts,
    signal,
    log: console.error,
  });
  const judged = await Promise.all(
    // By hash, so that a larger number only adds texts.
    readLabelledTexts(data)
      .filter(({ single }) => !single)
      .sort((a, b) => seedOf('judge', a.document.id) - seedOf('judge', b.document.id))
      .slice(0, Number(values.texts))
      .map((text) => judgeText(text, judge, settings, prompt, payer)),
  );
  await journal.settled();
  report(ref.model, judged);
  console.log(
    `  ${counts.calls} calls, ${counts.callsReused} from the journal, ${counts.promptTokens} + ${counts.completionTokens} tokens`,
  );
}

/** Asks about the labelled stretch alone, in windows, the first of them with the sentences before it. */
async function judgeText(
  { document, from, to, sentences, passes }: LabelledText,
  judge: Judge,
  settings: JudgeSettings,
  prompt: string,
  payer: CachedClient<JudgeCall>,
): Promise<Judged> {
  const start = sentences[from]?.start ?? 0;
  const end = sentences[to - 1]?.textEnd ?? 0;
  const all = numberSentences(document.text);
  const stretch = all.filter((sentence) => sentence.end > start && sentence.start < end);
  const before = all.filter((sentence) => sentence.end <= start).slice(-settings.context);
  const found = new Map<number, readonly Behaviour[] | undefined>();
  await Promise.all(
    judgeWindows(stretch, settings).map(async ({ context, asked }, i) => {
      const window = { context: i === 0 ? before : context, asked };
      const request = firstRequest(judge, prompt, document.problem, window);
      const result = await judgeWindow(payer, document.id, request, window);
      for (const sentence of asked) {
        found.set(sentence.start, 'labels' in result ? (result.labels.get(sentence.n) ?? []) : undefined);
      }
    }),
  );
  const labels = Object.fromEntries(BEHAVIOURS.map((kind) => [kind, merged(passes[kind])])) as Judged['labels'];
  // A sentence of the splitter begins with the white space before it; one of a judge does not.
  const kinds = sentences.slice(from, to).map((sentence) => {
    const shown = stretch.find(({ start: at }) => at >= sentence.start && at < sentence.textEnd);
    return shown && found.get(shown.start);
  });
  return { model: document.model, kinds, labels };
}

function report(model: string, texts: readonly Judged[]): void {
  const all = texts.flatMap(({ kinds }) => kinds);
  const answered = all.filter((kinds) => kinds !== undefined);
  console.log(
    `${model} as a judge: ${texts.length} texts, ${all.length} sentences, ${all.length - answered.length} without a usable answer`,
  );
  console.log(
    'against our labels, which a language model wrote, so that this shows how closely two models apply the guide:',
  );
  for (const kind of BEHAVIOURS) {
    const labels = texts.flatMap((text) => [...text.labels[kind]].filter((_, i) => text.kinds[i] !== undefined));
    console.log(
      `  ${kind.padEnd(14)} ${line(
        scoreOf(
          confusion(
            answered.map((kinds) => kinds.includes(kind)),
            labels,
          ),
        ),
      )}`,
    );
  }
}
