import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../codec/index.js';
import { refuseArguments } from '../shared/program.js';

/** The workflow bundle that the build writes, and production uses. */
export const BUILT_BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The workflows: sources in tests, compiled code otherwise. */
export const WORKFLOWS = fileURLToPath(new URL(`../workflows/index${import.meta.url.slice(-3)}`, import.meta.url));

const INTERCEPTORS = ['replay-guard', 'tracing'].map((name) =>
  fileURLToPath(new URL(`../workflows/shared/${name}${import.meta.url.slice(-3)}`, import.meta.url)),
);

/**
 * The workflows and their imports are preloaded, so that the SDK loads and freezes them once per worker: they have no
 * module state. The interceptors have module state, and are loaded for each workflow.
 */
export const bundleOptions = () => ({
  preloadModules: [WORKFLOWS],
  workflowInterceptorModules: INTERCEPTORS,
  failureConverterPath: FAILURE_CONVERTER,
});

/** Bundles the workflows, or those of another file. Takes about a second. */
export const bundleWorkflows = (workflowsPath = WORKFLOWS): Promise<{ code: string }> =>
  bundleWorkflowCode({ workflowsPath, ...bundleOptions(), logger: new DefaultLogger('WARN') });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  refuseArguments({ command: 'bundle', description: 'Writes the workflow bundle of the build.' });
  const { code } = await bundleWorkflows();
  await writeFile(BUILT_BUNDLE, code);
}
