import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWith } from '../../src/system/process.ts';
import { ensureDebian, missingDebian } from './debian.ts';
import { freePort } from './net.ts';
import { run, type Server, startServer } from './process.ts';
import { explain, SetupError } from './say.ts';
import { SSH_PACKAGES } from './sshd.ts';

const PACKAGES = ['slurmctld', 'slurmd', 'slurm-client', 'slurmrestd', 'slurm-wlm-jwt-plugin'];
/** The first version with its own keys (auth/slurm), so that munge is not needed. */
const OLDEST = 2311;
const NODES = ['n1', 'n2'];
const START_LIMIT_MS = 60_000;
/** slurmrestd refuses to run as root. */
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

export interface SlurmCluster {
  /** Variables that select this cluster for the commands of Slurm. */
  env: NodeJS.ProcessEnv;
  /** Of slurmrestd. */
  restURL: string;
  /** A token for slurmrestd. */
  token(): Promise<string>;
  /** Ends all jobs and daemons. */
  stop(): Promise<void>;
}

/**
 * Why a cluster can't be started here; undefined when it can. Packages are installed only as root.
 */
export function slurmImpossible(): string | undefined {
  if (process.platform !== 'linux') return 'Slurm runs on Linux alone';
  return process.getuid?.() === 0 ? undefined : 'the daemons of Slurm are started as root';
}

/** Installs what a cluster and an ssh server for tests need. @returns why that was not possible. */
export async function installSlurm(): Promise<string | undefined> {
  const packages = [...PACKAGES, ...SSH_PACKAGES];
  try {
    // There, installing them would start an ssh server and daemons of Slurm for good.
    if (existsSync('/run/systemd/system')) {
      const missing = await missingDebian(packages);
      if (missing.length > 0) return `not installed, and their services would be started: ${missing.join(' ')}`;
    }
    await ensureDebian(packages, 'tests with a real Slurm');
  } catch (error) {
    return explain(error).split('\n')[0];
  }
  const { stdout } = await run('slurmctld', ['-V']);
  const [, year = '0', month = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(year) * 100 + Number(month) >= OLDEST) return undefined;
  return `the tests need Slurm 23.11 or later, and here is ${stdout.trim()}`;
}

/**
 * A real Slurm of two nodes of one core each on this machine, on ports of its own; `installSlurm` comes first. Its files are in a
 * temporary folder until it is stopped. Knows a job for `forgetAfter` seconds after its end (2 at least).
 * @throws SetupError when this machine can't have one.
 */
export async function startSlurm(options: { forgetAfter?: number } = {}): Promise<SlurmCluster> {
  const impossible = slurmImpossible();
  if (impossible !== undefined) throw new SetupError(`No Slurm for tests: ${impossible}.`);
  const folder = await mkdtemp(join(tmpdir(), 'longhand-slurm-'));
  const conf = await configure(folder, options.forgetAfter ?? 300);
  const env = { ...process.env, SLURM_CONF: conf };
  const restPort = await freePort();
  const servers: Server[] = [];
  const stop = (): Promise<void> => stopAll(servers, env, folder);
  try {
    servers.push(startServer('slurmctld', ['-D'], env));
    // They bind the same socket: of two that start together, one may end.
    for (const [before, node] of NODES.entries()) {
      servers.push(startServer('slurmd', ['-D', '-N', node], env));
      await idle(env, servers, before + 1);
    }
    const [program = '', ...args] = [...NOBODY, 'slurmrestd', '-s', 'openapi/slurmctld', '-a', 'rest_auth/jwt'];
    const rest = startServer(program, [...args, `127.0.0.1:${restPort}`], { ...env, SLURM_JWT: 'daemon' });
    servers.push(rest);
    const restURL = `http://127.0.0.1:${restPort}`;
    await rest.ready(`${restURL}/openapi/v3`);
    return {
      env,
      restURL,
      token: async () => {
        const { stdout } = await run('scontrol', ['token', 'username=root', 'lifespan=3600'], { env });
        return stdout.trim().replace(/^SLURM_JWT=/, '');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function configure(folder: string, forgetAfter: number): Promise<string> {
  // slurmrestd reads it as the user nobody.
  await chmod(folder, 0o755);
  await mkdir(join(folder, 'state'));
  for (const node of NODES) await mkdir(join(folder, node));
  for (const key of ['slurm.key', 'jwt.key']) await writeFile(join(folder, key), randomBytes(256), { mode: 0o600 });
  const ports = await differentPorts(NODES.length + 1);
  const lines = [
    'ClusterName=longhandtest',
    'SlurmctldHost=localhost(127.0.0.1)',
    `SlurmctldPort=${ports[0]}`,
    'SlurmUser=root',
    'AuthType=auth/slurm',
    'CredType=cred/slurm',
    'AuthInfo=use_client_ids',
    'AuthAltTypes=auth/jwt',
    `AuthAltParameters=jwt_key=${folder}/jwt.key`,
    // A container cannot delegate cgroups.
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'MpiDefault=none',
    'MailProg=/bin/true',
    'ReturnToService=2',
    'SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0',
    'KillWait=2',
    `MinJobAge=${forgetAfter}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/%n`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/%n.pid`,
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    ...NODES.map(
      (node, index) =>
        `NodeName=${node} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${ports[index + 1]} CPUs=1 RealMemory=500 State=UNKNOWN`,
    ),
    `PartitionName=cpu Nodes=${NODES.join(',')} Default=YES MaxTime=INFINITE State=UP`,
  ];
  const conf = join(folder, 'slurm.conf');
  await writeFile(conf, `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'cgroup.conf'), 'CgroupPlugin=disabled\n');
  return conf;
}

async function differentPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

async function idle(env: NodeJS.ProcessEnv, servers: readonly Server[], nodes: number): Promise<void> {
  for (const until = Date.now() + START_LIMIT_MS; Date.now() < until; await sleep(200)) {
    const { stdout } = await run('sinfo', ['-h', '-N', '-o', '%T'], { env }).catch(() => ({ stdout: '' }));
    const states = stdout.trim().split('\n');
    if (states.filter((state) => state === 'idle').length >= nodes) return;
  }
  const words = servers.map(({ log }) => log.trim().split('\n').slice(-3).join('\n')).join('\n');
  throw new SetupError(`Slurm did not start.\n${words}`);
}

async function stopAll(servers: readonly Server[], env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  await run('scancel', ['--partition=cpu', '--signal=KILL', '--full'], { env }).catch(() => {});
  await run('scancel', ['--partition=cpu'], { env }).catch(() => {});
  for (const server of [...servers].reverse()) await server.stop();
  // The step daemons of running jobs are not children of the daemons.
  for (const pid of await processesWith('SLURM_CONF', join(folder, 'slurm.conf'))) {
    if (pid === process.pid) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await rm(folder, { recursive: true, force: true });
}
