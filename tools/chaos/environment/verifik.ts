import { join } from 'node:path';
import { answersWell, startNodeProcess } from '../../processes/node-process.js';
import { createControl, type SandboxControl, type Settings } from '../../sandbox/index.js';
import { steadyPorts } from '../../servers/index.js';

/** The sandbox in a separate process, whose webhooks are lost, delayed, repeated, reordered and forged. */
export interface Verifik {
  readonly address: string;
  readonly url: string;
  readonly project: string;
  readonly projectFlow: string;
  readonly clientToken: string;
  readonly control: SandboxControl;
  close(): Promise<void>;
}

const WEBHOOKS: Partial<Settings> = {
  webhookCopies: [0, 3],
  webhookShuffle: 20,
  webhookDelayMs: 150,
  webhookForgeryRate: 0.05,
  webhookLossRate: 0.05,
};

export const openVerifik = async (folder: string, seed: number): Promise<Verifik> => {
  const [port = 0] = await steadyPorts(1);
  const address = `127.0.0.1:${port}`;
  const url = `http://${address}`;
  const control = createControl(url);
  const args = ['--port', String(port), '--seed', String(seed)];
  const sandbox = await startNodeProcess('tools/sandbox/main.js', args, {
    // The log contains the client token, so it is not searched for secrets.
    logFile: join(folder, 'private', 'verifik.log'),
    isReady: () => answersWell(`${url}/_sandbox/ledger/totals`),
  });
  const { projectFlows } = await control.settings(WEBHOOKS);
  const [flow] = Object.entries(projectFlows);
  if (flow === undefined) throw new Error('the sandbox has no project flow');
  const [projectFlow, project] = flow;
  return {
    ...{ address, url, project, projectFlow, control },
    clientToken: await control.clientToken(),
    close: () => sandbox.kill(),
  };
};
