/** Starts the same onboarding on other frameworks in separate processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersWell } from '../../processes/node-process.js';
import { freePort, type ServerProcess, startServing } from '../../servers/index.js';
import { type AlternativeName, type AlternativeOptions, install, startProgram } from './programs.js';
import { restateServer } from './restate-server.js';

export { ALTERNATIVES, type AlternativeName } from './programs.js';

/** A running alternative. `tools/bench/alternatives/README.md` describes its HTTP API. */
export interface Alternative {
  readonly name: AlternativeName;
  /** The base URL, for example `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Returns all its processes except PostgreSQL's. */
  pids(): readonly number[];
  /** Stops all processes (SIGTERM, then SIGKILL), and deletes the data outside PostgreSQL. */
  stop(): Promise<void>;
  /** Kills all processes. */
  kill(): Promise<void>;
  /** Restarts killed processes with the same address and data. */
  restart(): Promise<void>;
}

/** Starts the processes of an alternative, and adds each to the list, so that a failed start can stop them. */
type Launch = (started: ServerProcess[]) => Promise<void>;

const onPostgres = async (
  name: AlternativeName,
  options: AlternativeOptions,
  port: number,
  healthUrl: string,
): Promise<Launch> => {
  const env = { DATABASE_URL: await options.databaseUrl(name) };
  return async (started) => {
    const main = startProgram(name, options, port, env);
    started.push(main);
    await startServing(`The program ${name}`, main, () => answersWell(healthUrl));
  };
};

const onRestate = async (
  options: AlternativeOptions,
  port: number,
  healthUrl: string,
  data: string,
): Promise<Launch> => {
  const server = await restateServer(data, options.logFile);
  const servicePort = await freePort();
  const env = {
    RESTATE_INGRESS_URL: server.ingressUrl,
    RESTATE_SERVICE_PORT: String(servicePort),
    RESTATE_LOGGING: 'WARN',
  };
  let isRegistered = false;
  return async (started) => {
    const main = startProgram('restate', options, port, env);
    started.push(main);
    const restate = server.start();
    started.push(restate);
    await server.untilReady(restate);
    if (!isRegistered) await server.register(`http://127.0.0.1:${servicePort}`);
    isRegistered = true;
    await startServing('The program on Restate', main, () => answersWell(healthUrl));
  };
};

/** Installs missing packages, starts the alternative, and resolves when it accepts onboardings. */
export const startAlternative = async (name: AlternativeName, options: AlternativeOptions): Promise<Alternative> => {
  await install(name);
  const data = await mkdtemp(join(tmpdir(), `onboarding-alternative-${name}-`));
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
