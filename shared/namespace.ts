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

type OperatorConnection = ConnectionLike & {
  readonly operatorService: {
    listSearchAttributes(request: {
      namespace: string;
    }): Promise<{ readonly customAttributes?: Readonly<Record<string, number>> | null }>;
  };
};

/** Sorts search attributes into those that a namespace has, that it lacks, and that it has with another type. */
export const compareSearchAttributes = async <A extends Attribute>(
  { operatorService }: OperatorConnection,
  namespace: string,
  attributes: readonly A[],
): Promise<{ readonly present: readonly A[]; readonly missing: readonly A[]; readonly mistyped: readonly A[] }> => {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const typeOf = ({ name }: A) => customAttributes?.[name];
  const missing = attributes.filter((attribute) => typeOf(attribute) === undefined);
  const found = attributes.filter((attribute) => !missing.includes(attribute));
  const mistyped = found.filter((one) => typeOf(one) !== encodeSearchAttributeIndexedValueType(one.type));
  return { present: found.filter((attribute) => !mistyped.includes(attribute)), missing, mistyped };
};

/** Returns the attributes that a namespace lacks; none if the credentials do not allow listing them, as in Cloud. */
const lackingAttributes = async (
  connection: OperatorConnection,
  namespace: string,
  attributes: readonly Attribute[],
  logger: Logger,
): Promise<readonly Attribute[]> => {
  try {
    const { missing, mistyped } = await compareSearchAttributes(connection, namespace, attributes);
    return [...missing, ...mistyped];
  } catch (error) {
    const code = codeOf(error);
    if (code !== PERMISSION_DENIED && code !== UNAUTHENTICATED && code !== UNIMPLEMENTED) throw error;
    logger.warn({ namespace }, 'the search attributes cannot be checked: Temporal does not allow listing them');
    return [];
  }
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
  const wrong = await lackingAttributes(connection, namespace, attributes, logger);
  if (wrong.length === 0) return;
  const names = wrong.map(({ name, type }) => `${name} (${type})`).join(', ');
  throw new MisconfiguredError(
    `TEMPORAL_NAMESPACE: expected a namespace with the search attributes ${names}, which ${namespace} lacks: ${SETUP}`,
  );
};
