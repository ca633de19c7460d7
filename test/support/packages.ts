import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { minVersion, satisfies } from 'semver';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the package in a folder, which is built, into another folder. */
export const pack = async (folder: string, destination: string): Promise<Packed> => {
  const options = ['--json', '--ignore-scripts', '--pack-destination', destination];
  const { stdout } = await execa('npm', ['pack', ...options], { cwd: folder });
  const [packed]: [Packed] = JSON.parse(stdout);
  return packed;
};

/** Installs a packed package in an empty project, also packages that refuse this Node. */
export const install = async (project: string, { filename }: Packed, ...options: readonly string[]): Promise<void> => {
  writeFileSync(join(project, 'package.json'), '{"private": true}');
  const quick = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-engine-strict'];
  await execa('npm', ['install', ...quick, ...options, `./${filename}`], { cwd: project });
};

interface LockedPackage {
  readonly engines?: { readonly node?: string };
  /** True if only development needs the package. */
  readonly dev?: boolean;
  /** True if the package is a folder of the project. */
  readonly link?: boolean;
}

interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Reads the packages of a project's lockfile, without the project itself. */
export const lockedPackages = (project: string): Lockfile['packages'] => {
  const { packages }: Lockfile = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  return Object.fromEntries(Object.entries(packages).filter(([path]) => path !== ''));
};

/** Returns the packages of a project's lockfile that need a later Node than the oldest of a range. */
export const refusing = (project: string, range: string): readonly string[] => {
  const oldest = minVersion(range);
  if (oldest === null) throw new Error(`expected a range of versions, not ${range}`);
  return Object.entries(lockedPackages(project)).flatMap(([path, { engines }]) =>
    satisfies(oldest, engines?.node ?? '*') ? [] : [path],
  );
};
