import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Moment, Spread, Stage } from '../results.js';

/** Readable on a light and on a dark background. */
const INK = '#808080';
const COLOURS = ['#3b82c4', '#d98032', '#4fa36b', '#a35fb0'];

const LOOK = {
  background: 'transparent',
  config: {
    font: 'Helvetica, Arial, sans-serif',
    axis: { labelColor: INK, titleColor: INK, gridColor: INK, gridOpacity: 0.2, domainColor: INK, tickColor: INK },
    header: { labelColor: INK, titleColor: INK },
    legend: { labelColor: INK, titleColor: INK, orient: 'top', labelLimit: 300 },
    view: { stroke: 'transparent' },
    range: { category: COLOURS },
  },
} satisfies Partial<TopLevelSpec>;

const WIDTH = 560;
const PANEL_HEIGHT = 130;

const draw = (spec: TopLevelSpec): Promise<string> => new vega.View(vega.parse(compile(spec).spec)).toSVG();

/** A ratio to the baseline on one kind of server. */
export interface RatioBar extends Spread {
  readonly figure: string;
  readonly server: string;
}

/** Draws the ratios as bars with their minimum and maximum, and a line at the baseline. */
export const ratioChart = (bars: readonly RatioBar[]): Promise<string> =>
  draw({
    ...LOOK,
    width: WIDTH,
    data: { values: [...bars] },
    layer: [
      {
        mark: { type: 'bar', height: 12 },
        encoding: {
          y: { field: 'figure', type: 'nominal', title: null, sort: null },
          yOffset: { field: 'server', type: 'nominal', sort: null },
          x: { field: 'median', type: 'quantitative', title: 'onboarding ÷ baseline' },
          color: { field: 'server', type: 'nominal', title: null, sort: null },
        },
      },
      {
        mark: { type: 'rule', color: INK },
        encoding: {
          y: { field: 'figure', type: 'nominal', sort: null },
          yOffset: { field: 'server', type: 'nominal', sort: null },
          x: { field: 'least', type: 'quantitative' },
          x2: { field: 'most' },
        },
      },
      { mark: { type: 'rule', strokeDash: [4, 3], color: INK }, encoding: { x: { datum: 1 } } },
    ],
  });

/** Draws line charts below each other with the same x axis. */
const panels = (
  x: { readonly field: string; readonly title: string; readonly scale: 'log' | 'linear' },
  values: readonly object[],
  figures: readonly { readonly title: string; readonly fields: Readonly<Record<string, string>> }[],
): Promise<string> =>
  draw({
    ...LOOK,
    vconcat: figures.map(({ title, fields }) => ({
      width: WIDTH,
      height: PANEL_HEIGHT,
      data: { values: [...values] },
      transform: [
        { fold: Object.keys(fields), as: ['which', 'value'] },
        { calculate: `(${JSON.stringify(fields)})[datum.which] + ' ' + datum.server`, as: 'line' },
      ],
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: x.field, type: 'quantitative', title: x.title, scale: { type: x.scale } },
        y: { field: 'value', type: 'quantitative', title, scale: { zero: true } },
        color: { field: 'line', type: 'nominal', title: null, sort: null },
      },
    })),
    resolve: { scale: { color: 'independent' } },
  });

type On<A> = A & { readonly server: string };

export const growthChart = (stages: readonly On<Stage>[]): Promise<string> =>
  panels({ field: 'open', title: 'open onboardings', scale: 'log' }, stages, [
    { title: 'ms', fields: { startMs: 'start,', statusMs: 'status,' } },
    { title: 'onboardings per second', fields: { perSecond: '' } },
    { title: 'worker CPU ms each', fields: { workerCpuMs: '' } },
  ]);

export const soakChart = (moments: readonly On<Moment>[]): Promise<string> =>
  panels(
    { field: 'minute', title: 'minute', scale: 'linear' },
    moments.map((moment) => ({
      ...moment,
      worker: moment.workerResidentBytes / 1e6,
      temporal: moment.serverResidentBytes / 1e6,
    })),
    [
      { title: 'start, ms', fields: { startP50Ms: 'median,', startP99Ms: '99 %,' } },
      { title: 'resident MB', fields: { worker: 'worker,', temporal: 'Temporal server,' } },
    ],
  );

/** A figure of one system. */
export interface AlternativeBar {
  readonly system: string;
  readonly figure: string;
  readonly value: number;
}

/** Draws a panel for each figure, with a bar for each system. */
export const alternativeChart = (bars: readonly AlternativeBar[]): Promise<string> =>
  draw({
    ...LOOK,
    vconcat: [...new Set(bars.map(({ figure }) => figure))].map((figure) => ({
      width: WIDTH,
      data: { values: bars.filter((bar) => bar.figure === figure) },
      mark: { type: 'bar', height: 14 },
      encoding: {
        y: { field: 'system', type: 'nominal', title: null, sort: null },
        x: { field: 'value', type: 'quantitative', title: figure },
        color: { field: 'system', type: 'nominal', legend: null, sort: null },
      },
    })),
    resolve: { scale: { color: 'shared' } },
  });
