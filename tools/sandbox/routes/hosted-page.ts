import type { FastifyInstance } from 'fastify';
import { viewFlow } from '../answers/flow-views.js';
import { Refusal } from '../answers/refusals.js';
import { requireClientOrApplicant } from '../auth.js';
import { IdParams, queryValues, read } from '../input.js';
import type { SandboxState } from '../state.js';

/** Adds the reads with which the hosted page begins, and `GET /project-flows/{id}`. */
export const addHostedPage = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/project-flows/:id', async (request) => {
    await requireClientOrApplicant(state, request);
    const { id: projectFlow } = read(IdParams, request.params);
    if (!/^[\w-]{8,64}$/.test(projectFlow)) throw new Refusal('BadRequest');
    const project = new Map(Object.entries(state.settings.projectFlows)).get(projectFlow);
    if (project === undefined) throw new Refusal('projectFlow_not_found');
    return { data: viewFlow(state, { projectFlow, project }) };
  });

  /** The page reads its project before anybody has a token. */
  app.get('/projects/kyc', async (request) => {
    const [wanted] = [...queryValues(request.query, 'id'), ...queryValues(request.query, 'project')];
    const flows = Object.entries(state.settings.projectFlows);
    const [projectFlow, project] = flows.find(([, id]) => wanted === undefined || id === wanted) ?? [];
    if (projectFlow === undefined || project === undefined) throw new Refusal('project_not_found');
    const name = 'A project of the sandbox';
    return {
      data: { _id: project, name, status: 'active', projectFlows: [viewFlow(state, { projectFlow, project })] },
    };
  });

  app.get('/identity-images', async (request) => {
    await requireClientOrApplicant(state, request);
    return { data: [] };
  });
};
