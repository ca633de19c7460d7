import type { FastifyInstance } from 'fastify';
import { Refusal } from '../answers/refusals.js';
import { viewRegistration } from '../answers/views.js';
import { isSameStatus } from '../answers/words.js';
import { requireClient } from '../auth.js';
import { queryNumber, queryValues } from '../input.js';
import type { Registration } from '../model.js';
import type { SandboxState } from '../state.js';

type Test = (registration: Registration) => boolean;

const MAX_LIMIT = 100;

const includes = (text: string | undefined, part: string): boolean =>
  text?.toLowerCase().includes(part.toLowerCase()) ?? false;

/** The undocumented filters of Verifik's panel. The contact filters are joined by OR. */
const panelFilters = (query: unknown): readonly Test[] => {
  const value = (name: string) => queryValues(query, name)[0];
  const [email, phone, name] = ['?like_email', '?like_phone', '?like_name'].map(value);
  const likes: readonly Test[] = [
    ...(email === undefined ? [] : [(one: Registration) => includes(one.email, email)]),
    ...(phone === undefined ? [] : [(one: Registration) => includes(one.phone, phone)]),
    ...(name === undefined ? [] : [(one: Registration) => includes(one.fullName, name)]),
  ];
  const [step, from, to] = ['where_currentStep', 'whereGTE_createdAt', 'whereLTE_createdAt'].map(value);
  return [
    ...(likes.length === 0 ? [] : [(one: Registration) => likes.some((like) => like(one))]),
    ...(step === undefined ? [] : [(one: Registration) => one.currentStep === step]),
    ...(from === undefined ? [] : [(one: Registration) => one.createdAt >= Date.parse(from)]),
    ...(to === undefined ? [] : [(one: Registration) => one.createdAt <= Date.parse(to)]),
  ];
};

const isNewestFirst = (query: unknown): boolean => queryValues(query, 'sort')[0] === '-createdAt';

const byStatus = (query: unknown): ((word: string) => boolean) | undefined => {
  const [status] = queryValues(query, 'where_status');
  const statuses = queryValues(query, 'in_status[]');
  if (status === undefined && statuses.length === 0) return undefined;
  return (word) =>
    (status === undefined || isSameStatus(word, status)) &&
    (statuses.length === 0 || statuses.some((one) => isSameStatus(word, one)));
};

/** Finds a page by scanning all registrations, as the registry has no index for the panel's filters. */
const scan = (all: readonly Registration[], query: unknown, skip: number, limit: number) => {
  const ordered = isNewestFirst(query) ? [...all].sort((one, other) => other.createdAt - one.createdAt) : all;
  return { found: ordered.slice(skip, skip + limit), total: ordered.length };
};

/** Adds `GET /app-registrations`, the list. */
export const addRegistrationList = (app: FastifyInstance, state: SandboxState): void => {
  app.get('/app-registrations', async (request) => {
    await requireClient(state, request);
    const { query } = request;
    const filters = panelFilters(query);
    const hasPerPage = queryValues(query, 'perPage').length > 0;
    const usesPanel = filters.length > 0 || isNewestFirst(query) || hasPerPage;
    if (usesPanel && state.settings.panelCalls === 'refused') throw new Refusal('access_denied');
    const page = queryNumber(query, 'page', 1);
    const limit = queryNumber(query, hasPerPage ? 'perPage' : 'limit', 10, MAX_LIMIT);
    const [project] = queryValues(query, 'where_project');
    const [projectFlow] = queryValues(query, 'where_projectFlow');
    const isWanted = byStatus(query);
    const filter = { project, projectFlow, isWanted };
    const skip = (page - 1) * limit;
    const everything = () => state.registrations.page(filter, 0, Number.MAX_SAFE_INTEGER).found;
    const { found, total } =
      filters.length > 0 || isNewestFirst(query)
        ? scan(
            everything().filter((one) => filters.every((test) => test(one))),
            query,
            skip,
            limit,
          )
        : state.registrations.page(filter, skip, limit);
    const populates = queryValues(query, 'populates[]');
    const data = found.map((one) => viewRegistration(state, one, populates));
    return { data, total, limit, page, pages: Math.max(Math.ceil(total / limit), 1) };
  });
};
