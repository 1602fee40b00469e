import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasProgram } from './debian.ts';
import { freePort } from './net.ts';
import { capture, run, startServer } from './process.ts';
import { SetupError } from './say.ts';

/** What Debian calls it. */
export const SSH_PACKAGES = ['openssh-server', 'openssh-client'];

export interface SshServer {
  /** The name by which `ssh` reaches it. */
  host: string;
  /** Comes first on PATH: its `ssh` is the real one with the configuration of this server. */
  bin: string;
  stop(): Promise<void>;
}

/**
 * A real ssh server on loopback that lets root in by a key made for it. Its packages are installed already.
 * @param env of its sessions, such as SLURM_CONF.
 * @throws SetupError when this machine can't have one.
 */
export async function startSshd(folder: string, env: Readonly<Record<string, string>>): Promise<SshServer> {
  if (process.getuid?.() !== 0) throw new SetupError('No ssh server for tests: it is started as root.');
  // Where sshd puts aside its privileges; the service would make it.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  for (const key of ['host', 'user'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  const config = join(folder, 'sshd_config');
  const server = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/user.pub`,
    `PidFile ${folder}/sshd.pid`,
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'UsePAM no',
    `SetEnv ${Object.entries(env)
      .map(([name, value]) => `"${name}=${value}"`)
      .join(' ')}`,
  ];
  await writeFile(config, `${server.join('\n')}\n`);
  const client = [
    'Host cluster',
    'HostName 127.0.0.1',
    `Port ${port}`,
    'User root',
    `IdentityFile ${folder}/user`,
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `UserKnownHostsFile ${folder}/known_hosts`,
    'StrictHostKeyChecking accept-new',
    'LogLevel ERROR',
  ];
  await writeFile(join(folder, 'ssh_config'), `${client.join('\n')}\n`);
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${folder}/ssh_config' "$@"\n`);
  await chmod(join(bin, 'ssh'), 0o755);
  const daemon = startServer('/usr/sbin/sshd', ['-D', '-e', '-f', config], process.env);
  for (let tries = 0; tries < 100; tries++, await sleep(100)) {
    if (await hasProgram(join(bin, 'ssh'), ['-o', 'BatchMode=yes', 'cluster', 'true'])) {
      return { host: 'cluster', bin, stop: () => daemon.stop() };
    }
  }
  const { stderr } = await capture(join(bin, 'ssh'), ['-o', 'BatchMode=yes', 'cluster', 'true']);
  await daemon.stop();
  throw new SetupError(`The ssh server for tests did not start.\n${stderr}\n${daemon.log}`);
}
