import { describe, expect, it } from 'vitest';
import { INSTALLATIONS, lintChart, RELEASE, renderResources } from './chart.js';
import { KNOWN_SETTINGS, PROCESSES } from './known-settings.js';
import { named, podsOf, selectionsOf } from './pods.js';

describe.each(INSTALLATIONS)('the chart with $name', ({ values }) => {
  it('passes helm lint', async () => {
    expect(await lintChart(values)).toContain('0 chart(s) failed');
  });

  it('sets only known settings of each process, and mounts the folders of their files', async () => {
    const resources = await renderResources(values);
    const common = named(resources, 'ConfigMap', '').data ?? {};
    expect(Object.values(KNOWN_SETTINGS).flat()).toEqual(expect.arrayContaining(Object.keys(common)));
    for (const process of PROCESSES) {
      const own = named(resources, 'ConfigMap', process).data ?? {};
      expect(KNOWN_SETTINGS[process]).toEqual(expect.arrayContaining(Object.keys(own)));
      const [container] = podsOf(resources).find(({ name }) => name === `${RELEASE}-${process}`)?.spec.containers ?? [];
      const folders = container?.volumeMounts.map(({ mountPath }) => mountPath);
      for (const [name, value] of Object.entries({ ...common, ...own }))
        if (name.endsWith('_FILE')) expect(folders).toContain(value.slice(0, value.lastIndexOf('/')));
    }
  });

  it('meets the restricted pod security standard', async () => {
    const pods = podsOf(await renderResources(values));
    expect(pods).toHaveLength(4);
    for (const { spec } of pods) {
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(spec.automountServiceAccountToken).toBe(false);
      for (const { securityContext } of spec.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });

  it('checks the health of each process at a port that it has', async () => {
    for (const { kind, spec } of podsOf(await renderResources(values)))
      for (const { ports, startupProbe, readinessProbe, livenessProbe } of kind === 'Job' ? [] : spec.containers) {
        const names = ports?.map(({ name }) => name);
        for (const probe of [startupProbe, readinessProbe, livenessProbe]) expect(names).toContain(probe?.httpGet.port);
        expect(readinessProbe?.httpGet.path).toBe('/readyz');
        expect(livenessProbe?.httpGet.path).toBe('/healthz');
      }
  });

  it('selects existing pods with each selector', async () => {
    const resources = await renderResources(values);
    const pods = podsOf(resources).map(({ metadata: { labels } }) => labels);
    const selections = resources.flatMap(selectionsOf);
    expect(selections.length).toBeGreaterThan(12);
    for (const selection of selections) expect(pods).toContainEqual(expect.objectContaining(selection));
  });
});
