import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import * as E from 'fp-ts/lib/Either.js';
import { type Read, wrongField } from '../shared/decoding.js';
import { count, optional, type SettingValues } from '../shared/settings.js';

/** The settings of a worker's limits. docs/scaling.md says when to change which. */
export const TUNING_SETTINGS = {
  workflowTaskSlots: optional(
    'ONBOARDING_WORKFLOW_TASK_SLOTS',
    count(2, 10_000),
    'The number of workflow tasks that a worker runs at once. None: 40.',
  ),
  activitySlots: optional(
    'ONBOARDING_ACTIVITY_SLOTS',
    count(1, 10_000),
    'The number of activities that a worker runs at once from each of its task queues, and of local activities. None: 100.',
  ),
  targetCpuPercent: optional(
    'ONBOARDING_TARGET_CPU_PERCENT',
    count(10, 100),
    'Instead of fixed slots: the worker takes tasks while the machine or container uses less of its CPU, in percent. 80 if only the memory is set.',
  ),
  targetMemoryPercent: optional(
    'ONBOARDING_TARGET_MEMORY_PERCENT',
    count(10, 95),
    'The same for its memory, in percent. 80 if only the CPU is set.',
  ),
  maxPollers: optional(
    'ONBOARDING_MAX_POLLERS',
    count(10, 1_000),
    "Lets the number of a worker's open polls of each kind and task queue follow the advice of Temporal's server, up to this maximum. None: 10 polls.",
  ),
  cacheMb: optional(
    'ONBOARDING_CACHE_MB',
    count(1, 1_000_000),
    'The memory for the workflows in the cache, in MB (400 kB for each). None: derived from the memory limit of the container or machine and from the heap limit of Node.',
  ),
  maxCachedWorkflows: optional(
    'ONBOARDING_MAX_CACHED_WORKFLOWS',
    count(2, 1_000_000),
    'The number of workflows in the cache, instead of their memory.',
  ),
} as const;

type Values = SettingValues<typeof TUNING_SETTINGS>;

/** How a worker decides how many tasks to run at once. */
export type Slots =
  | { readonly kind: 'fixed'; readonly workflowTasks: number; readonly activities: number }
  /** As many as the CPU and the memory permit: shares from 0 to 1. */
  | { readonly kind: 'byLoad'; readonly targetCpuUsage: number; readonly targetMemoryUsage: number };

/** The memory that a process may use, in bytes. */
export interface MemoryLimits {
  /** Of the process, by its container or machine. */
  readonly process: number;
  /** Of the heap of each of its threads. */
  readonly heap: number;
}

/** Reads the memory limits of this process. Without a container's limit, Node returns 0 or an enormous number. */
export const memoryLimits = (): MemoryLimits => ({
  process: Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem()),
  heap: getHeapStatistics().heap_size_limit,
});

const MB = 1_000_000;

/** The resident memory of a cached onboarding: 362 kB (docs/performance.md), and some more for long histories. */
const CACHED_BYTES = 0.4 * MB;

/** A worker without cached workflows, with all of its slots in use. */
const BASE_BYTES = 350 * MB;

/** The part of the heap that workflows leave to their thread's code and to garbage. */
const HEAP_BASE_BYTES = 150 * MB;

/** The share of a limit up to which the cache may fill it. */
const MAX_SHARE = 0.75;

const LEAST_CACHED = 10;

const mostInHeap = (heap: number): number => Math.floor((heap * MAX_SHARE - HEAP_BASE_BYTES) / CACHED_BYTES);

const defaultCachedWorkflows = ({ process, heap }: MemoryLimits): number =>
  Math.max(Math.min(Math.floor((process * MAX_SHARE - BASE_BYTES) / CACHED_BYTES), mostInHeap(heap)), LEAST_CACHED);

/**
 * Returns the number of workflows to cache. A cache that does not fit into the heap of the workflow thread is refused:
 * the thread would end, and the process with it.
 */
export const cachedWorkflowsOf = (
  { cacheMb, maxCachedWorkflows }: Pick<Values, 'cacheMb' | 'maxCachedWorkflows'>,
  limits: MemoryLimits,
): Read<number> => {
  const { cacheMb: bySize, maxCachedWorkflows: byNumber } = TUNING_SETTINGS;
  if (cacheMb !== undefined && maxCachedWorkflows !== undefined)
    return wrongField(`${bySize.env} or ${byNumber.env}`, 'one of the two, not both');
  const [field, cached] =
    cacheMb === undefined
      ? [byNumber.env, maxCachedWorkflows]
      : [bySize.env, Math.max(Math.floor((cacheMb * MB) / CACHED_BYTES), 2)];
  if (cached === undefined) return E.right(defaultCachedWorkflows(limits));
  const most = Math.max(mostInHeap(limits.heap), LEAST_CACHED);
  if (cached <= most) return E.right(cached);
  const [amount, unit] = cacheMb === undefined ? [most, 'workflows'] : [Math.floor((most * CACHED_BYTES) / MB), 'MB'];
  const remedy = "as Node's heap is limited: raise its limit with NODE_OPTIONS=--max-old-space-size";
  return wrongField(field, `at most ${amount} ${unit}, ${remedy}`);
};

const DEFAULT_WORKFLOW_TASKS = 40;
const DEFAULT_ACTIVITIES = 100;
const DEFAULT_TARGET_PERCENT = 80;

/** Returns the slots. Fixed numbers and targets for the load exclude each other. */
export const slotsOf = ({
  workflowTaskSlots,
  activitySlots,
  targetCpuPercent,
  targetMemoryPercent,
}: Omit<Values, 'cacheMb' | 'maxCachedWorkflows' | 'maxPollers'>): Read<Slots> => {
  if (targetCpuPercent === undefined && targetMemoryPercent === undefined)
    return E.right({
      kind: 'fixed',
      workflowTasks: workflowTaskSlots ?? DEFAULT_WORKFLOW_TASKS,
      activities: activitySlots ?? DEFAULT_ACTIVITIES,
    });
  const { targetCpuPercent: cpu, targetMemoryPercent: memory, ...settings } = TUNING_SETTINGS;
  const fixed = workflowTaskSlots === undefined ? settings.activitySlots : settings.workflowTaskSlots;
  if (workflowTaskSlots !== undefined || activitySlots !== undefined)
    return wrongField(fixed.env, `no fixed number together with ${cpu.env} or ${memory.env}`);
  return E.right({
    kind: 'byLoad',
    targetCpuUsage: (targetCpuPercent ?? DEFAULT_TARGET_PERCENT) / 100,
    targetMemoryUsage: (targetMemoryPercent ?? DEFAULT_TARGET_PERCENT) / 100,
  });
};
