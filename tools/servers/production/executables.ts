import { onPath } from '../finding.js';
import { type GoBuild, goBuild, goBuildInCache } from '../go-modules.js';
import { firstThatWorks, type Progress } from '../ways.js';

/** The servers' versions: each names a directory of the cache. The module files beside this one pin the same. */
const TEMPORAL_SERVER_VERSION = '1.32.0';
const UI_SERVER_VERSION = '2.54.1';

interface Production extends GoBuild {
  readonly version: string;
}

const SERVER: Production = {
  version: TEMPORAL_SERVER_VERSION,
  name: `temporal-server-${TEMPORAL_SERVER_VERSION}`,
  recipe: 'production/temporal-server',
  packages: {
    'temporal-server': 'go.temporal.io/server/cmd/server',
    'temporal-sql-tool': 'go.temporal.io/server/cmd/tools/sql',
  },
};

const UI: Production = {
  version: UI_SERVER_VERSION,
  name: `temporal-ui-server-${UI_SERVER_VERSION}`,
  recipe: 'production/ui-server',
  packages: { 'temporal-ui-server': 'github.com/temporalio/ui-server/v2/cmd/server' },
};

/** On PATH only of this version: a server and the schema that its tool sets up belong together, and figures name a version. */
const find = (build: Production, executable: string, what: string, progress: Progress): Promise<string> =>
  firstThatWorks(
    what,
    [onPath(executable, ['--version'], build.version), goBuildInCache(build, executable), goBuild(build, executable)],
    `Install Go 1.21 or later, or put ${executable} ${build.version} on PATH.`,
    progress,
  );

/** The production Temporal server. */
export const findTemporalServer = (progress: Progress): Promise<string> =>
  find(SERVER, 'temporal-server', 'the Temporal server', progress);

/** What sets up the Temporal server's schema in a database; it holds the schemas of its version. */
export const findTemporalSqlTool = (progress: Progress): Promise<string> =>
  find(SERVER, 'temporal-sql-tool', "the Temporal server's SQL tool", progress);

/** The Temporal UI as a server of its own. */
export const findTemporalUiServer = (progress: Progress): Promise<string> =>
  find(UI, 'temporal-ui-server', "the Temporal UI's server", progress);
