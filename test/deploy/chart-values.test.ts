import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FULL, renderChart, renderResources } from './chart.js';
import { read } from './files.js';
import { CONNECTION_SETTINGS, KNOWN_SETTINGS, PROCESSES } from './known-settings.js';
import { named, podOf } from './pods.js';

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the paths of all options in values.yaml, but the variables of the processes. */
const pathsOf = (values: object, parents: readonly string[] = []): readonly (readonly string[])[] =>
  Object.entries(values).flatMap(([name, value]) => {
    const path = [...parents, name];
    return [path, ...(isMap(value) && name !== 'config' ? pathsOf(value, path) : [])];
  });

const withNull = ([name = '', ...rest]: readonly string[]): object => ({
  [name]: rest.length === 0 ? null : withNull(rest),
});

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(hasNull));

describe('the values of the chart', () => {
  it.each([
    ['an unknown option', { worker: { replica: 3 } }, "at '/worker': additional properties 'replica' not allowed"],
    ['a wrong type', { keda: { enabled: 'yes' } }, "at '/keda/enabled': got string, want boolean"],
    [
      'a setting that is no variable',
      { gateway: { config: { drain: 1 } } },
      "at '/gateway/config': additional properties 'drain' not allowed",
    ],
    [
      'an address that is missing',
      { config: { TEMPORAL_ADDRESS: null } },
      "at '/config': missing property 'TEMPORAL_ADDRESS'",
    ],
    [
      'a field that the pods have',
      { pod: { spec: { volumes: [] } } },
      "at '/pod/spec': additional properties 'volumes' not allowed",
    ],
    ['an ingress without a host', { ingress: { enabled: true } }, 'ingress.gateway.host: expected the host name'],
    [
      'two scalers',
      { keda: { enabled: true }, workerController: { enabled: true } },
      'keda.enabled: expected false with workerController.enabled',
    ],
    ['a misspelt setting', { config: { TEMPORAL_ADDRES: 'x' } }, 'config.TEMPORAL_ADDRES: no such setting'],
    [
      'a grace period with a unit',
      { worker: { config: { ONBOARDING_SHUTDOWN_GRACE_MS: '30s' } } },
      "at '/worker/config/ONBOARDING_SHUTDOWN_GRACE_MS'",
    ],
    [
      'a negative grace period',
      { gateway: { config: { GATEWAY_DRAIN_MS: -1 } } },
      "at '/gateway/config/GATEWAY_DRAIN_MS'",
    ],
    [
      'a worker without a token',
      { worker: { config: { VERIFIK_CLIENT_TOKEN_FILE: null } } },
      'worker.config: expected VERIFIK_CLIENT_TOKEN_FILE or VERIFIK_ACCOUNTS_FILE',
    ],
    [
      'a host that is a URL',
      { ingress: { gateway: { host: 'http://foo/' } } },
      "at '/ingress/gateway/host': 'http://foo/'",
    ],
    ['a tag with a space', { image: { tag: 'a b' } }, "at '/image/tag': 'a b'"],
    ['a name that no Secret can have', { secrets: { callbacks: 'A_B' } }, "at '/secrets/callbacks': 'A_B'"],
    [
      'an amount without a number',
      { worker: { resources: { limits: { memory: '1 GB' } } } },
      "at '/worker/resources/limits/memory': '1 GB'",
    ],
    [
      'an empty range of keda',
      { keda: { enabled: true, minReplicas: 21 } },
      'keda.minReplicas: expected at most maxReplicas (20), got 21',
    ],
    [
      'an empty range of workerController',
      { workerController: { enabled: true, minReplicas: 21 } },
      'workerController.minReplicas: expected at most maxReplicas (20), got 21',
    ],
    [
      'an empty range of gateway.autoscaling',
      { gateway: { autoscaling: { enabled: true, minReplicas: 11 } } },
      'gateway.autoscaling.minReplicas: expected at most maxReplicas (10), got 11',
    ],
  ])('rejects %s, and names it', async (_, values, message) => {
    await expect(renderChart({ values })).rejects.toThrow(message);
  });

  it('name each option that null cannot leave out, and leave out the others', { timeout: 240_000 }, async () => {
    const paths = pathsOf(parse(read('deploy/helm/values.yaml')));
    expect(paths.length).toBeGreaterThan(70);
    for (const path of paths) {
      const values = { ...FULL, values: withNull(path) };
      const rendered = await renderResources(values).catch((error: Error) => error.message);
      if (typeof rendered === 'string')
        expect(rendered).toMatch(new RegExp(`missing property '${path.at(-1)}'|${path.join('.')}: expected`));
      else expect({ path, hasNull: hasNull(rendered) }).toEqual({ path, hasNull: false });
    }
  });

  it.each(['encryptionKeys', 'contactKey', 'verifik', 'gateway', 'codecServer'])('need the Secret %s', async (name) => {
    await expect(renderChart({ values: { secrets: { [name]: null } } })).rejects.toThrow(
      `at '/secrets': missing property '${name}'`,
    );
  });

  it.each([
    ['callbacks', 'ONBOARDING_CALLBACKS_FILE'],
    ['policies', 'ONBOARDING_POLICIES_FILE'],
    ['evidenceKeys', 'ONBOARDING_EVIDENCE_KEYS_FILE'],
  ])('can leave out the Secret %s, with its volume, its mount and %s', async (name, variable) => {
    const values = { values: { secrets: { [name]: null } } };
    const config = async (component: string, changed?: object) =>
      named(await renderResources(changed), 'ConfigMap', component).data ?? {};
    expect(await config('worker')).toHaveProperty(variable);
    for (const component of PROCESSES) {
      const { [variable]: _, ...others } = await config(component);
      expect(await config(component, values)).toEqual(others);
      const [before, { spec }] = [await podOf(component), await podOf(component, values)];
      const mountsOf = (pod: typeof before) => pod.spec.containers.flatMap(({ volumeMounts }) => volumeMounts);
      const folder = name === 'evidenceKeys' ? 'evidence-keys' : name;
      expect(spec.volumes).toEqual(before.spec.volumes.filter((volume) => volume.name !== folder));
      expect(mountsOf({ ...before, spec })).toEqual(mountsOf(before).filter((mount) => mount.name !== folder));
    }
  });

  it('can leave out the Secret of the connection', async () => {
    expect(await renderChart({ values: { secrets: { temporal: null } } })).not.toContain('secretRef');
  });

  it('can have the accounts at Verifik in the Secret of the token', async () => {
    const VERIFIK_ACCOUNTS_FILE = '/run/secrets/verifik/accounts.json';
    const config = { VERIFIK_CLIENT_TOKEN_FILE: null, VERIFIK_ACCOUNTS_FILE };
    const values = { worker: { config } };
    const { data } = named(await renderResources({ values }), 'ConfigMap', 'worker');
    expect(data).toMatchObject({ VERIFIK_ACCOUNTS_FILE });
    expect(data).not.toHaveProperty('VERIFIK_CLIENT_TOKEN_FILE');
  });

  it('can have every setting, headers of the connection, and variables of others', async () => {
    const ours = /^(?:TEMPORAL|ONBOARDING|VERIFIK|GATEWAY|CODEC_SERVER)_/;
    const files = ['ONBOARDING_CONFIG', 'ONBOARDING_CLI_CONFIG', 'GATEWAY_CONFIG', 'CODEC_SERVER_CONFIG'];
    const known = new Set([...Object.values(KNOWN_SETTINGS).flat(), ...CONNECTION_SETTINGS, ...files]);
    expect(read('deploy/helm/files/settings.txt').trim().split('\n')).toEqual(
      [...known].filter((name) => ours.test(name)).sort(),
    );
    const config = { TEMPORAL_GRPC_META_TEAM: 'a', VAULT_ADDR: 'b', no_proxy: 'c' };
    expect(named(await renderResources({ values: { config } }), 'ConfigMap', '').data).toMatchObject(config);
  });
});
