import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { DriftKind } from '../faults/drift.js';
import { InvalidControlInput, orThrow } from '../input.js';
import type { Population } from '../population/population.js';
import { decodePlan, type PopulationPlan } from '../population/population-plan.js';
import type { SandboxState } from '../state.js';

const flowOf = ({ settings }: SandboxState, { projectFlow: wanted }: PopulationPlan) => {
  const flows = Object.entries(settings.projectFlows);
  const [projectFlow, project] = flows.find(([id]) => wanted === undefined || id === wanted) ?? [];
  if (projectFlow === undefined || project === undefined)
    throw new InvalidControlInput(`projectFlow: expected one of ${flows.map(([id]) => id).join(', ')}`);
  return { project, projectFlow };
};

const drifted = (population: Population): Readonly<Record<DriftKind, readonly string[]>> => {
  const ids: Record<DriftKind, string[]> = { failed: [], expired: [], unknownWord: [], forgotten: [] };
  for (const [index, kind] of population.drifted) ids[kind].push(population.idAt(index));
  return ids;
};

function* lines(runs: Iterable<readonly string[]>): Generator<string, void, undefined> {
  for (const ids of runs) yield `${ids.join('\n')}\n`;
}

export const addPopulationControls = (app: FastifyInstance, state: SandboxState): void => {
  app.post('/population', async (request) => {
    const plan = orThrow(decodePlan(request.body ?? {}));
    const population = state.addPopulation(plan, flowOf(state, plan));
    return { count: population.count, drifted: drifted(population) };
  });

  app.get('/ids', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(Readable.from(lines(state.registrations.ids()))),
  );
};
