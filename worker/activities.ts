import type { Client } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { noCallbackEndpoints, openCallbackEndpoints } from '../activities/callbacks/endpoints.js';
import { type Activities, createActivities } from '../activities/index.js';
import { noPoliciesFile, openPoliciesFile } from '../activities/policies-file.js';
import { folderBatchStore } from '../activities/revalidation/files/store.js';
import { openSigningKeys } from '../codec/evidence/signing-keys.js';
import { contactKeysWith } from '../shared/contact-keys.js';
import { defined } from '../shared/defined.js';
import { createVerifikClient, openAccounts, type VerifikCall, withClients } from '../verifik/index.js';
import type { PluginConfig } from './config.js';
import { countVendorCalls } from './telemetry.js';
import { traceVendorCall } from './tracing.js';

export interface ActivityServices {
  /** A client for the worker's namespace, with the same data converter. */
  readonly temporal: Client;
  readonly meter: MetricMeter;
  /** The main task queue of the workers. */
  readonly taskQueue: string;
}

/**
 * Opens the files that the configuration names. Returns the accounts at Verifik, and a function that creates the
 * activities.
 */
export const prepareActivities = async (config: PluginConfig) => {
  const { callbacksFile, policiesFile, contactKey, verifikAccountsFile, clientToken } = config;
  const callbacks = callbacksFile === undefined ? noCallbackEndpoints : await openCallbackEndpoints(callbacksFile);
  const policies = policiesFile === undefined ? noPoliciesFile : await openPoliciesFile(policiesFile);
  const accountFile = await openAccounts(verifikAccountsFile, clientToken);
  const accounts = await accountFile.current();
  const signingKeys = await openSigningKeys(config, config.keyProvider);
  const contactKeys = contactKey === undefined ? undefined : contactKeysWith(contactKey);
  const creating = ({ temporal, meter, taskQueue }: ActivityServices): Activities => {
    const countVendorCall = countVendorCalls(meter);
    const onCall = (call: VerifikCall) => {
      countVendorCall(call);
      traceVendorCall(call);
    };
    return createActivities({
      accounts: withClients(accountFile, (tokenSource) =>
        createVerifikClient({
          ...{ baseUrl: config.verifikBaseUrl, totalTimeoutMs: config.verifikTimeoutMs },
          ...{ tokenSource, onCall },
        }),
      ),
      temporal,
      callbacks,
      policies,
      batches: {
        store: folderBatchStore(config.batchFolder),
        totalCallsPerSecond: config.verifikCallsPerSecond,
        taskQueue,
        polledAccounts: accounts.flatMap(({ name }) => name ?? []),
      },
      ...defined({ contactKeys, signingKeys }),
    });
  };
  return { accounts, createActivities: creating };
};
