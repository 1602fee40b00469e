import { z } from 'zod';
import { FireworksJob, fireworksReport } from '../../core/training/hosted.ts';
import { HostedError } from './errors.ts';
import type { Host, MakeHost } from './host.ts';
import type { Api } from './http.ts';

const Accounts = z.object({ accounts: z.array(z.object({ name: z.string() })).default([]) });
const Dataset = z.object({ name: z.string().optional(), state: z.string().optional() });

/** Larger files need signed storage addresses, which are not supported. */
const LARGEST_FILE = 150 * 1000 * 1000;

/** Fireworks. Files and jobs have our ids, and a second one with the same id is refused, so none is created twice. */
export const fireworks: MakeHost = async ({ baseURL, account: given, job }, api): Promise<Host> => {
  const account = given ?? (await onlyAccount(api));
  const root = `/v1/accounts/${encodeURIComponent(account)}`;
  const jobs = `${root}/supervisedFineTuningJobs`;
  const nameOf = (kind: string, id: string) => `accounts/${account}/${kind}/${id}`;
  const datasetOf = (file: string) => file.replace(/\.jsonl$/, '');
  return {
    largestFile: LARGEST_FILE,
    inferenceURL: `${baseURL.replace(/\/+$/, '')}/inference/v1`,
    async findFile({ name }) {
      const id = datasetOf(name);
      const found = await api.find(`${root}/datasets/${id}`, Dataset);
      return found?.state === 'READY' ? id : undefined;
    },
    async upload(file) {
      const id = datasetOf(file.name);
      if (!(await api.find(`${root}/datasets/${id}`, Dataset))) {
        const dataset = { userUploaded: {}, format: 'CHAT', exampleCount: String(file.rows) };
        await api.post(`${root}/datasets`, { datasetId: id, dataset }, Dataset);
      }
      await api.upload(`${root}/datasets/${id}:upload`, file, {}, z.unknown());
      return id;
    },
    async isReady(id) {
      return (await api.get(`${root}/datasets/${id}`, Dataset)).state === 'READY';
    },
    async findJob(name) {
      const found = await api.find(`${jobs}/${name}`, FireworksJob);
      return { showsNames: true, ...(found && { id: name }) };
    },
    async create(name, file) {
      const body = {
        outputModel: nameOf('models', name),
        displayName: name,
        ...job,
        dataset: nameOf('datasets', file),
      };
      await api.post(`${jobs}?supervisedFineTuningJobId=${encodeURIComponent(name)}`, body, FireworksJob);
      return name;
    },
    async look(id) {
      return fireworksReport(await api.get(`${jobs}/${encodeURIComponent(id)}`, FireworksJob));
    },
    async cancel(id) {
      await api.post(`${jobs}/${encodeURIComponent(id)}:cancel`, {}, z.unknown());
    },
  };
};

async function onlyAccount(api: Api): Promise<string> {
  const { accounts } = await api.get('/v1/accounts', Accounts);
  const names = accounts.map(({ name }) => name.replace(/^accounts\//, ''));
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const there = names.length === 0 ? 'It belongs to none.' : `It belongs to ${names.join(', ')}.`;
  throw new HostedError('refused', 'The key does not identify one account.', `${there} Set “account” in hosted.json.`);
}
