import { z } from 'zod';
import { OpenAICheckpoints, OpenAIEvents, OpenAIJob, openaiReport } from '../../core/training/hosted.ts';
import type { Host, MakeHost } from './host.ts';
import { isJobName } from './host.ts';
import type { Api } from './http.ts';

const Uploaded = z.object({ id: z.string().min(1) });
const Files = z.object({
  data: z.array(z.object({ id: z.string(), filename: z.string().catch(''), bytes: z.number().catch(-1) })),
  has_more: z.boolean().optional().catch(undefined),
});
const File = z.object({ status: z.string().nullish() });
const Jobs = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      metadata: z.record(z.string(), z.unknown()).nullish().catch(undefined),
    }),
  ),
  has_more: z.boolean().optional().catch(undefined),
});

/** Bytes of one file in one request. */
const LARGEST_FILE = 512 * 1024 * 1024;
/** Entries per page, and most pages. */
const PAGE = 100;
const PAGES = 50;
const METADATA_KEY = 'longhand_run';
/** Longest suffix. */
const SUFFIX_LENGTH = 64;

/** OpenAI, and providers with its fine-tuning API. Jobs have no idempotency key, so the metadata identifies them. */
export const openai: MakeHost = ({ baseURL, job }, api): Host => ({
  largestFile: LARGEST_FILE,
  inferenceURL: baseURL,
  async findFile({ name, bytes }) {
    const files = pages(api, '/files?purpose=fine-tune', Files);
    for await (const file of files) if (file.filename === name && file.bytes === bytes) return file.id;
    return undefined;
  },
  async upload(file) {
    return (await api.upload('/files', file, { purpose: 'fine-tune' }, Uploaded)).id;
  },
  async isReady(id) {
    const { status } = await api.get(`/files/${encodeURIComponent(id)}`, File);
    return status !== 'uploaded' && status !== 'pending';
  },
  async findJob(name) {
    let showsNames = false;
    let seen = 0;
    for await (const { id, metadata } of pages(api, '/fine_tuning/jobs?', Jobs)) {
      const mark = metadata?.[METADATA_KEY];
      if (mark === name) return { id, showsNames: true };
      showsNames ||= isJobName(mark);
      seen++;
    }
    // The rest of a longer list is unknown.
    return { showsNames: showsNames && seen < PAGES * PAGE };
  },
  async create(name, file) {
    const body = {
      ...job,
      training_file: file,
      suffix: name.slice(0, SUFFIX_LENGTH),
      metadata: { [METADATA_KEY]: name },
    };
    return (await api.post('/fine_tuning/jobs', body, OpenAIJob)).id;
  },
  async look(id) {
    const path = `/fine_tuning/jobs/${encodeURIComponent(id)}`;
    const job = await api.get(path, OpenAIJob);
    const events: z.infer<typeof OpenAIEvents>['data'] = [];
    for await (const event of pages(api, `${path}/events?`, OpenAIEvents)) events.push(event);
    const checkpoints = await api.find(`${path}/checkpoints?limit=${PAGE}`, OpenAICheckpoints);
    return openaiReport(job, events, checkpoints ?? { data: [] });
  },
  async cancel(id) {
    await api.post(`/fine_tuning/jobs/${encodeURIComponent(id)}/cancel`, {}, z.unknown());
  },
});

/** All entries of a list, page by page; none if the server has no such list. */
async function* pages<T extends { id: string }>(
  api: Api,
  path: string,
  schema: z.ZodType<{ data: T[]; has_more?: boolean | undefined }>,
): AsyncGenerator<T> {
  let after = '';
  for (let page = 0; page < PAGES; page++) {
    const found = await api.find(`${path}${path.endsWith('?') ? '' : '&'}limit=${PAGE}${after}`, schema);
    yield* found?.data ?? [];
    const last = found?.data.at(-1)?.id;
    if (!found?.has_more || last === undefined) return;
    after = `&after=${encodeURIComponent(last)}`;
  }
}
