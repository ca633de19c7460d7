import { countStuck, type TemporalNamespace } from '../../client/stuck.js';
import { type Finding, ok, wrong } from './finding.js';

const ABOUT = 'workflow tasks';

const MEND =
  'List them: onboarding list --stuck. Bring them back: docs/operating.md, "Onboardings whose workflow task keeps failing".';

/** Finds onboardings whose workflow task keeps failing. */
export const lookAtWorkflowTasks = async (server: TemporalNamespace): Promise<Finding> => {
  const { stuck, checked } = await countStuck(server);
  const bound = checked === undefined ? '' : `; only the newest ${checked} that run were checked`;
  if (stuck === 0) return ok(ABOUT, `no onboarding's workflow task keeps failing${bound}`);
  const found =
    stuck === 1 ? 'the workflow task of 1 onboarding keeps' : `the workflow tasks of ${stuck} onboardings keep`;
  return wrong(ABOUT, `${found} failing${bound}`, MEND);
};
