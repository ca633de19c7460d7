import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { Opened } from '../../tools/processes/opened.js';
import { answersWell, flags, freePort, startProcess, startServing } from '../../tools/servers/index.js';
import { findDefinitions, findKubernetes } from './tools.js';

/** An API server of Kubernetes without controllers and nodes. It knows the custom resources of `findDefinitions`. */
export interface ApiServer {
  /** Runs kubectl as an administrator. Returns its output, and rejects with its errors if it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  close(): Promise<void>;
}

const startEtcd = async (executable: string, folder: string, opened: Opened): Promise<string> => {
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const options = {
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    'unsafe-no-fsync': true,
  };
  const etcd = opened.add(startProcess(executable, flags(options), { logFile: join(folder, 'etcd.log') }));
  await startServing('etcd', etcd, () => answersWell(`${client}/readyz`));
  return client;
};

/** Writes an administrator's token and kubeconfig, and the key that signs the tokens of service accounts. */
const writeCredentials = async (folder: string, server: string): Promise<void> => {
  const token = randomUUID();
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority': 'apiserver.crt' } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  await writeFile(join(folder, 'accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }));
};

/** Starts the API server on a loopback address. It creates its own certificate. */
const startServer = (executable: string, folder: string, port: number, etcdUrl: string) => {
  const key = join(folder, 'accounts.key');
  const options = {
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'cert-dir': folder,
    'token-auth-file': join(folder, 'tokens.csv'),
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': key,
    'service-account-signing-key-file': key,
    'service-cluster-ip-range': '10.0.0.0/16',
    // The endpoints of the Service `kubernetes` cannot be loopback addresses.
    'endpoint-reconciler-type': 'none',
  };
  return startProcess(executable, flags(options), { logFile: join(folder, 'api-server.log') });
};

/** Starts etcd and the API server on loopback addresses, and defines the custom resources. */
export const startApiServer = (): Promise<ApiServer> =>
  Opened.closingOnFailure(async (opened) => {
    const [executables, definitions] = [await findKubernetes(), await findDefinitions()];
    const folder = await mkdtemp(join(tmpdir(), 'api-server-'));
    const port = await freePort();
    await writeCredentials(folder, `https://127.0.0.1:${port}`);
    const env = { KUBECONFIG: join(folder, 'kubeconfig'), KUBECACHEDIR: join(folder, 'cache') };
    const kubectl: ApiServer['kubectl'] = async (args, input = '') =>
      (await execa(executables.kubectl, args, { env, input })).stdout;

    const etcdUrl = await startEtcd(executables.etcd, folder, opened);
    const server = opened.add(startServer(executables.apiServer, folder, port, etcdUrl));
    const isReady = async () => (await kubectl(['get', '--raw=/readyz'])) === 'ok';
    await startServing("Kubernetes' API server", server, isReady);
    await kubectl(['apply', '--server-side', ...definitions.flatMap((path) => ['-f', path])]);
    await kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    return { kubectl, close: () => opened.close() };
  });
