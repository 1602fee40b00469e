import { capture, run } from './process.ts';
import { SetupError, step } from './say.ts';

/**
 * Installs Debian packages that are missing. Only as root or with sudo without a password, and it prints a notice first.
 * @param reason What needs them, for the notice.
 * @throws SetupError naming the packages when this machine or this user can't install them.
 */
export async function ensureDebian(packages: readonly string[], reason: string): Promise<void> {
  const list = packages.join(' ');
  if (!(await hasProgram('dpkg-query', ['--version']))) {
    throw new SetupError(`${reason} needs what Debian calls ${list}: install it with this system's package manager.`);
  }
  const missing = await missingDebian(packages);
  if (missing.length === 0) return;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (prefix.length > 0 && !(await hasProgram('sudo', ['-n', 'true']))) {
    throw new SetupError(
      `${reason} needs Debian packages. Run: sudo apt-get update && sudo apt-get install -y ${missing.join(' ')}`,
    );
  }
  await step(`Install Debian packages for ${reason}: ${missing.join(' ')}`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = async (...args: string[]): Promise<void> => {
      const [program = 'apt-get', ...rest] = [...prefix, 'apt-get', ...args];
      await run(program, rest, { env });
    };
    if (!listsAreFresh) await apt('update', '-qq');
    listsAreFresh = true;
    await apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
    return undefined;
  });
}

/** Those of the packages that are not installed. */
export async function missingDebian(packages: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of packages) if (!(await isInstalled(name))) missing.push(name);
  return missing;
}

/** One update of the package lists is enough for one run. */
let listsAreFresh = false;

async function isInstalled(name: string): Promise<boolean> {
  const { code, stdout } = await capture('dpkg-query', ['-W', `-f=\${Status}`, name]);
  return code === 0 && stdout.includes('install ok installed');
}

export async function hasProgram(program: string, args: readonly string[]): Promise<boolean> {
  return capture(program, args).then(
    ({ code }) => code === 0,
    () => false,
  );
}
