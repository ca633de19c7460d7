import { firstThatWorks, onPath, type Progress } from '../finding.js';
import { type GoBuild, goBuild, goBuildInCache } from '../go-modules.js';

/** Versions in the cache's directory names. Keep them equal to those in the `go.mod` files of the recipes. */
const TEMPORAL_SERVER_VERSION = '1.32.0';
const UI_SERVER_VERSION = '2.54.1';

interface VersionedBuild extends GoBuild {
  readonly version: string;
}

const SERVER: VersionedBuild = {
  version: TEMPORAL_SERVER_VERSION,
  name: `temporal-server-${TEMPORAL_SERVER_VERSION}`,
  recipe: 'production/temporal-server',
  packages: {
    'temporal-server': 'go.temporal.io/server/cmd/server',
    'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  },
};

const UI: VersionedBuild = {
  version: UI_SERVER_VERSION,
  name: `temporal-ui-server-${UI_SERVER_VERSION}`,
  recipe: 'production/ui-server',
  packages: { 'temporal-ui-server': 'github.com/temporalio/ui-server/v2/cmd/server' },
};

/**
 * Only this version is accepted on PATH: the server must match its schema, and published measurements name the version.
 */
const find = (build: VersionedBuild, executable: string, what: string, progress: Progress): Promise<string> =>
  firstThatWorks(
    what,
    [onPath(executable, ['--version'], build.version), goBuildInCache(build, executable), goBuild(build, executable)],
    `Install Go 1.21 or later, or put ${executable} ${build.version} on PATH.`,
    progress,
  );

export const findTemporalServer = (progress: Progress): Promise<string> =>
  find(SERVER, 'temporal-server', 'the Temporal server', progress);

/** Finds the tool that creates and updates the server's database schema. It contains the schemas of its own version. */
export const findTemporalSqlTool = (progress: Progress): Promise<string> =>
  find(SERVER, 'temporal-sql-tool', "the Temporal server's SQL tool", progress);

export const findTemporalUiServer = (progress: Progress): Promise<string> =>
  find(UI, 'temporal-ui-server', "the Temporal UI's server", progress);
