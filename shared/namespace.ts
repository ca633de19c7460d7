import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import type { SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import type { Logger } from 'pino';
import { MisconfiguredError } from './config.js';

interface Attribute {
  readonly name: string;
  readonly type: SearchAttributeType;
}

// The codes of gRPC.
const [INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED] = [3, 5, 7, 12, 16];

const codeOf = (error: unknown): number | undefined => (isGrpcServiceError(error) ? error.code : undefined);

const describeNamespace = async ({ workflowService }: ConnectionLike, namespace: string): Promise<void> => {
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    const code = codeOf(error);
    if (code === NOT_FOUND || code === INVALID_ARGUMENT)
      throw new MisconfiguredError(`TEMPORAL_NAMESPACE: expected a namespace that exists, not ${namespace}`);
    if (code === PERMISSION_DENIED || code === UNAUTHENTICATED)
      throw new MisconfiguredError(
        `TEMPORAL_API_KEY, TEMPORAL_TLS…: expected credentials for the namespace ${namespace}, which Temporal refuses`,
      );
    throw error;
  }
};

const SETUP = 'run verifik-onboarding setup';

/** Returns the custom search attributes, or undefined if the credentials do not allow listing them, as in Cloud. */
const customAttributes = async ({ operatorService }: OperatorConnection, namespace: string, logger: Logger) => {
  try {
    return (await operatorService.listSearchAttributes({ namespace })).customAttributes;
  } catch (error) {
    const code = codeOf(error);
    if (code !== PERMISSION_DENIED && code !== UNAUTHENTICATED && code !== UNIMPLEMENTED) throw error;
    logger.warn({ namespace }, 'the search attributes cannot be checked: Temporal does not allow listing them');
    return undefined;
  }
};

type OperatorConnection = ConnectionLike & {
  readonly operatorService: {
    listSearchAttributes(request: {
      namespace: string;
    }): Promise<{ readonly customAttributes?: Readonly<Record<string, number>> | null }>;
  };
};

/**
 * Checks that the namespace exists and has the search attributes.
 *
 * @throws MisconfiguredError that says what to do if it does not.
 */
export const checkNamespace = async (
  connection: OperatorConnection,
  namespace: string,
  attributes: readonly Attribute[],
  logger: Logger,
): Promise<void> => {
  await describeNamespace(connection, namespace);
  const registered = await customAttributes(connection, namespace, logger);
  if (registered === undefined) return;
  const wrong = attributes.filter(
    ({ name, type }) => registered?.[name] !== encodeSearchAttributeIndexedValueType(type),
  );
  if (wrong.length === 0) return;
  const names = wrong.map(({ name, type }) => `${name} (${type})`).join(', ');
  throw new MisconfiguredError(
    `TEMPORAL_NAMESPACE: expected a namespace with the search attributes ${names}, which ${namespace} lacks: ${SETUP}`,
  );
};
