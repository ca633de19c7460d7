import type { WorkerDeploymentVersion } from '@temporalio/common';
import * as E from 'fp-ts/lib/Either.js';
import { matching, type Read, wrongField } from '../shared/decoding.js';
import { optional, type SettingValues } from '../shared/settings.js';

// The rules of servers 1.29 and 1.32: no '.' or ':' in a deployment's name, no leading '__', and a maximum length of
// half of `limit.maxIDLength` minus 39 bytes. That is 108 for a limit of 255, which some databases need, and 480 by
// default.
const DeploymentName = matching(
  /^(?!__)[\w/@+-]{1,108}$/,
  'a name of at most 108 letters, digits and _ - / @ +, which does not begin with __',
);
const BuildId = matching(
  /^(?!__)[\w.:/@+-]{1,108}$/,
  'an id of at most 108 letters, digits and . : _ - / @ +, which does not begin with __',
);

/**
 * The settings of the worker's deployment version: both or neither. Temporal's Worker Controller sets these variables.
 */
export const DEPLOYMENT_VERSION_SETTINGS = {
  deploymentName: optional(
    'TEMPORAL_DEPLOYMENT_NAME',
    DeploymentName,
    "The worker's deployment (docs/upgrading.md). None: the worker is unversioned.",
  ),
  buildId: optional(
    'TEMPORAL_WORKER_BUILD_ID',
    BuildId,
    "The worker's build, which together with the deployment is its version. A versioned worker receives no tasks before its version is current or ramping.",
  ),
} as const;

const { deploymentName: NAME, buildId: BUILD } = DEPLOYMENT_VERSION_SETTINGS;

/** Returns the version in the settings, if any. */
export const deploymentVersionIfAny = ({
  deploymentName,
  buildId,
}: SettingValues<typeof DEPLOYMENT_VERSION_SETTINGS>): Read<WorkerDeploymentVersion | undefined> => {
  if (deploymentName === undefined && buildId === undefined) return E.right(undefined);
  if (deploymentName === undefined) return wrongField(NAME.env, `a name, as ${BUILD.env} is set`);
  if (buildId === undefined) return wrongField(BUILD.env, `an id, as ${NAME.env} is set`);
  return E.right({ deploymentName, buildId });
};
