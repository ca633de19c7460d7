import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { INSTALLATIONS, renderManifests } from './chart.js';
import { TOP } from './files.js';
import { ASKED, findChecker, findLinters, INSTALLED_WITHIN_MS } from './tools.js';

/** A Kubernetes version of the chart's. Later versions are compatible. */
const KUBERNETES_VERSION = '1.32.0';

/** Custom resources, whose schemas Kubernetes does not have. */
const OTHERS = /^apiVersion: (keda\.sh|temporal\.io|monitoring\.coreos\.com)\//m;

const run = async (command: string, ...args: readonly string[]): Promise<void> => {
  const { exitCode, all } = await execa(command, args, { cwd: TOP, reject: false, all: true });
  expect(`${all}\n${exitCode}`).toMatch(/\n0$/);
};

describe.skipIf(!ASKED)('the tools find nothing wrong with', { timeout: INSTALLED_WITHIN_MS }, () => {
  it('the Dockerfile', async () => {
    await run((await findLinters()).hadolint, 'deploy/Dockerfile');
  });

  it('compose.yaml', async () => {
    await run(await findChecker(), 'compose', 'deploy/compose.yaml');
  });

  it('the configuration and rules of Prometheus', async () => {
    await run(await findChecker(), 'prometheus', 'deploy/prometheus/prometheus.yaml', 'deploy/prometheus/rules.yaml');
  });

  it.each(INSTALLATIONS)('the chart with $name', async ({ values }) => {
    const file = join(mkdtempSync(join(tmpdir(), 'chart-')), 'rendered.yaml');
    const documents = await renderManifests(values);
    writeFileSync(file, documents.filter((document) => !OTHERS.test(document)).join('---\n'));
    const { python } = await findLinters();
    await run(python, '-m', 'kubernetes_validate', '--strict', '-k', KUBERNETES_VERSION, file);
  });
});
