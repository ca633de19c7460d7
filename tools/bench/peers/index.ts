/** The same onboarding on other foundations, each in processes of its own, to be measured beside ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersWell } from '../../processes/node-process.js';
import { freePort, type ServerProcess, startProcess, startServing } from '../../servers/index.js';
import { folderOf, install } from './install.js';
import { restateServer } from './restate-server.js';

/** `restate`: a virtual object of Restate; `dbos`: a workflow of DBOS; `jobs`: a status table with a job queue. */
export const PEERS = ['restate', 'dbos', 'jobs'] as const;

export type PeerName = (typeof PEERS)[number];

export interface PeerOptions {
  readonly verifikBaseUrl: string;
  readonly clientToken: string;
  /** The PostgreSQL database of the peer, which is its alone. Not asked for `restate`, which keeps its data itself. */
  readonly databaseUrl: (name: PeerName) => string | Promise<string>;
  /** What its processes print goes there, appended. */
  readonly logFile: string;
}

/** A peer that runs. `tools/bench/peers/README.md` has its HTTP calls. */
export interface Peer {
  readonly name: PeerName;
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Every process that it consists of, for accounting of CPU and memory: all but the PostgreSQL that it was given. */
  pids(): readonly number[];
  /** Stops it: SIGTERM, and SIGKILL if that does not help. What it kept outside of PostgreSQL is deleted. */
  stop(): Promise<void>;
  /** Ends all of its processes at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts again what was killed, at the same address and on the same data. */
  restart(): Promise<void>;
}

/** What starts a peer's processes, given those that it has to end should one of them fail. */
type Launch = (started: ServerProcess[]) => Promise<void>;

const program = (
  name: PeerName,
  options: PeerOptions,
  port: number,
  env: Readonly<Record<string, string>>,
): ServerProcess =>
  startProcess(process.execPath, ['main.js'], {
    cwd: folderOf(name),
    logFile: options.logFile,
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      VERIFIK_BASE_URL: options.verifikBaseUrl,
      VERIFIK_CLIENT_TOKEN: options.clientToken,
      ...env,
    },
  });

const onPostgres = async (name: PeerName, options: PeerOptions, port: number, healthUrl: string): Promise<Launch> => {
  const env = { DATABASE_URL: await options.databaseUrl(name) };
  return async (started) => {
    const main = program(name, options, port, env);
    started.push(main);
    await startServing(`The program ${name}`, main, () => answersWell(healthUrl));
  };
};

const onRestate = async (options: PeerOptions, port: number, healthUrl: string, data: string): Promise<Launch> => {
  const server = await restateServer(data, options.logFile);
  const servicePort = await freePort();
  const env = {
    RESTATE_INGRESS_URL: server.ingressUrl,
    RESTATE_SERVICE_PORT: String(servicePort),
    RESTATE_LOGGING: 'WARN',
  };
  let isRegistered = false;
  return async (started) => {
    const main = program('restate', options, port, env);
    started.push(main);
    const restate = server.start();
    started.push(restate);
    await server.untilReady(restate);
    if (!isRegistered) await server.register(`http://127.0.0.1:${servicePort}`);
    isRegistered = true;
    await startServing('The program on Restate', main, () => answersWell(healthUrl));
  };
};

/** Installs the peer's packages where they are missing, starts it, and answers when it takes onboardings. */
export const startPeer = async (name: PeerName, options: PeerOptions): Promise<Peer> => {
  await install(name);
  const data = await mkdtemp(join(tmpdir(), `onboarding-peer-${name}-`));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const healthUrl = `${url}/healthz`;
  const launch =
    name === 'restate'
      ? await onRestate(options, port, healthUrl, data)
      : await onPostgres(name, options, port, healthUrl);
  const processes: ServerProcess[] = [];

  const end = async (how: 'stop' | 'kill') => {
    await Promise.all(processes.splice(0).map((one) => one[how]()));
  };
  const stop = async () => {
    await end('stop');
    await rm(data, { recursive: true, force: true });
  };
  const start = async () => {
    try {
      await launch(processes);
    } catch (error) {
      await stop();
      throw error;
    }
  };
  await start();
  return { name, url, pids: () => processes.map(({ pid }) => pid), stop, kill: () => end('kill'), restart: start };
};
