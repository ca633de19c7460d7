import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { DriftKind } from '../drift.js';
import type { Population } from '../population.js';
import { type PopulationPlan, readPlan } from '../population-plan.js';
import type { World } from '../world.js';
import { BadControl, orBad } from './reading.js';

const flowOf = ({ settings }: World, { projectFlow: wanted }: PopulationPlan) => {
  const flows = Object.entries(settings.projectFlows);
  const [projectFlow, project] = flows.find(([id]) => wanted === undefined || id === wanted) ?? [];
  if (projectFlow === undefined || project === undefined)
    throw new BadControl(`projectFlow: expected one of ${flows.map(([id]) => id).join(', ')}`);
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

/** Whole populations at once, and everybody's id. */
export const addPopulationControls = (app: FastifyInstance, world: World): void => {
  app.post('/population', async (request) => {
    const plan = orBad(readPlan(request.body ?? {}));
    const population = world.addPopulation(plan, flowOf(world, plan));
    return { count: population.count, drifted: drifted(population) };
  });

  app.get('/ids', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(Readable.from(lines(world.registrations.ids()))),
  );
};
