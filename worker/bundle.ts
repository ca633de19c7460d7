import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../codec/index.js';

/** Where the build leaves the workflow bundle, and production looks for it. */
export const BUILT_BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/** The workflows, as they are where this file is: sources under test, compiled code elsewhere. */
export const WORKFLOWS = fileURLToPath(new URL(`../workflows/index${import.meta.url.slice(-3)}`, import.meta.url));

/** The interceptors that keep queries from changing workflows. */
const REPLAY_GUARD = fileURLToPath(
  new URL(`../workflows/shared/replay-guard${import.meta.url.slice(-3)}`, import.meta.url),
);

/**
 * Bundles the workflows (or those of another file). Takes a second or so.
 *
 * Our workflows and all that they import are loaded once and frozen, not once for each workflow: nothing in them keeps a state outside of
 * a function. The replay guard does, and is loaded for each.
 */
export const bundleWorkflows = (workflowsPath = WORKFLOWS): Promise<{ code: string }> =>
  bundleWorkflowCode({
    workflowsPath,
    preloadModules: [WORKFLOWS],
    workflowInterceptorModules: [REPLAY_GUARD],
    failureConverterPath: FAILURE_CONVERTER,
    logger: new DefaultLogger('WARN'),
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { code } = await bundleWorkflows();
  await writeFile(BUILT_BUNDLE, code);
}
