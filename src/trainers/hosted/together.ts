import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { TogetherEvents, TogetherJob, TogetherMetrics, togetherReport } from '../../core/training/hosted.ts';
import type { Host, MakeHost } from './host.ts';
import { isJobName } from './host.ts';

const Uploaded = z.object({ id: z.string().min(1) });
const Files = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      filename: z.string().catch(''),
      bytes: z.number().catch(-1),
      purpose: z.string().catch(''),
    }),
  ),
});
const Processed = z.object({ Processed: z.boolean().nullish(), processed: z.boolean().nullish() });
const Jobs = z.object({
  data: z.array(z.object({ id: z.string(), suffix: z.string().nullish().catch(undefined) })),
});

/** Larger files need a multipart upload, which is not supported. */
const LARGEST_FILE = 5 * 2 ** 30;

/** Together. Its jobs have no key against making two of them: the suffix, which is the run's own, tells them apart. */
export const together: MakeHost = ({ baseURL, job }, api): Host => ({
  largestFile: LARGEST_FILE,
  inferenceURL: baseURL,
  async findFile({ name, bytes }) {
    const { data } = await api.get('/files', Files);
    return data.find((file) => file.filename === name && file.bytes === bytes && file.purpose === 'fine-tune')?.id;
  },
  async upload(file) {
    const fields = { purpose: 'fine-tune', file_name: file.name, file_type: 'jsonl' };
    return (await api.upload('/files/upload', file, fields, Uploaded)).id;
  },
  async isReady(id) {
    const { Processed: large, processed } = await api.get(`/files/${encodeURIComponent(id)}`, Processed);
    return (large ?? processed) !== false;
  },
  async findJob(name) {
    const { data } = await api.get('/fine-tunes', Jobs);
    const id = data.find(({ suffix }) => suffix === name)?.id;
    return { showsNames: data.some(({ suffix }) => isJobName(suffix)), ...defined({ id }) };
  },
  async create(name, file) {
    return (await api.post('/fine-tunes', { ...job, training_file: file, suffix: name }, TogetherJob)).id;
  },
  async look(id) {
    const path = `/fine-tunes/${encodeURIComponent(id)}`;
    const job = await api.get(path, TogetherJob);
    const events = await api.find(`${path}/events`, TogetherEvents);
    const metrics = await api.find(`${path}/metrics`, TogetherMetrics);
    return togetherReport(job, events ?? { data: [] }, metrics ?? {});
  },
  async cancel(id) {
    await api.post(`/fine-tunes/${encodeURIComponent(id)}/cancel`, {}, z.unknown());
  },
});
